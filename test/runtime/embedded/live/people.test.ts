import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { history } from "../../../support/reports.ts";
import { addAccount, signedIn } from "../../../unit/api/people.ts";
import { connect, refusedWith, start } from "./support.ts";

async function served() {
  const deps = await start();
  const people = { deps: deps.runtime.reads };
  /** An account, and the cookie of its session. */
  const person = async (boxes: string[] | null = null) => {
    const id = await addAccount(people, "guard", { boxes });
    const { cookie = "" } = await signedIn(people, id);
    return { id, cookie };
  };
  const open = (cookie: string, origin = deps.url) => connect(`${deps.address}/live`, { cookie, origin });
  return { ...deps, people, person, open };
}

describe("a person on the socket", () => {
  it("gets the events of the boxes of the account, by the cookie of the session", async () => {
    const deps = await served();
    const all = await deps.open((await deps.person()).cookie);
    const other = await deps.open((await deps.person(["gate-2"])).cookie);
    for (const reader of [all, other]) {
      reader.ask({ event_list: ["*"] });
      await reader.settled();
    }
    await deps.deliver(history());
    await all.messages(1);
    await other.settled();
    expect(other.received).toEqual([]);
  });

  it("is refused if a page of another site connects with the cookie", async () => {
    const deps = await served();
    const { cookie } = await deps.person();
    const headers = { cookie, origin: "https://evil.example" };
    expect(await refusedWith(`${deps.address}/live`, headers)).toBe(403);
    expect(await refusedWith(`${deps.address}/live`, { cookie: "gatepost=gps_x", origin: deps.url })).toBe(401);
  });

  it.each([
    [
      "the account is disabled",
      1008,
      (deps: Served, id: string) => deps.runtime.reads.accounts.change(id, { isDisabled: true }),
    ],
    ["all sessions are ended", 1008, (deps: Served, id: string) => deps.runtime.reads.accounts.endSessions(id)],
    ["the account is removed", 1008, (deps: Served, id: string) => deps.runtime.reads.accounts.remove(id)],
    [
      "the account sees other boxes",
      1008,
      (deps: Served, id: string) => deps.runtime.reads.accounts.change(id, { boxes: ["gate-9"] }),
    ],
    [
      "the person signs out",
      1008,
      (deps: Served, _: string, headers: Record<string, string>) =>
        fetch(`${deps.url}/v1/sessions/current`, { method: "DELETE", headers }),
    ],
  ])("is disconnected when %s", async (_, code, act) => {
    const deps = await served();
    const { id, cookie } = await deps.person();
    const [reader, other] = [await deps.open(cookie), await deps.open((await deps.person()).cookie)];
    await act(deps, id, { cookie, origin: deps.url });
    expect(await reader.closed).toBe(code);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });
});

type Served = Awaited<ReturnType<typeof served>>;
