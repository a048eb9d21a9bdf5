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

describe("a person on the live feed", () => {
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

  it("is told that an evacuation list has changed which it follows, and of no other", async () => {
    const deps = await served();
    const one = await deps.open((await deps.person()).cookie);
    const other = await deps.open((await deps.person()).cookie);
    const { rolls } = deps.runtime.reads;
    const roll = await rolls.begin({ site: "hq", isDrill: true, at: Date.now(), by: { id: "acc_1", name: null } }, []);
    one.ask({ form: "event", rolls: [roll.id] });
    other.ask({ form: "event", rolls: ["rol_2"] });
    await Promise.all([one.settled(), other.settled()]);
    const before = one.received.length;
    await rolls.close(roll.id, { at: Date.now(), by: { id: "acc_1", name: null } });
    await expect.poll(() => one.received.slice(before)).toEqual([{ roll: { id: roll.id } }]);
    await other.settled();
    expect(JSON.stringify(other.received)).not.toContain(roll.id);
  });

  it("is told which events of its boxes got a note, if it asks for acknowledgements", async () => {
    const deps = await served();
    const asking = await deps.open((await deps.person()).cookie);
    const silent = await deps.open((await deps.person()).cookie);
    const other = await deps.open((await deps.person(["gate-2"])).cookie);
    for (const reader of [asking, silent, other]) {
      reader.ask({ form: "event", acknowledgements: reader !== silent });
      await reader.settled();
    }
    await deps.deliver(history());
    const [event] = (await deps.runtime.reads.events.list({}, { limit: 1, cursor: null })).items;
    const before = asking.received.length;
    const note = { id: "not_1", text: "No pass.", at: Date.now(), by: "acc_1", byName: "陈敏" };
    for (let time = 0; time < 2; time++) await deps.runtime.reads.notes.add(event?.id ?? "", note);
    await expect.poll(() => asking.received.slice(before)).toEqual([{ noted: { event: event?.id } }]);
    for (const reader of [silent, other]) {
      await reader.settled();
      expect(JSON.stringify(reader.received)).not.toContain("noted");
    }
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
  ])("is disconnected when %s", async (_, code, act) => {
    const deps = await served();
    const { id, cookie } = await deps.person();
    const [reader, other] = [await deps.open(cookie), await deps.open((await deps.person()).cookie)];
    await act(deps, id);
    expect(await reader.closed).toBe(code);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });

  it("is let in by a ticket of the session, and disconnected by signing out", async () => {
    const deps = await served();
    const { cookie } = await deps.person();
    const headers = { cookie, origin: deps.url };
    const answer = await fetch(`${deps.url}/v1/tickets`, { method: "POST", headers });
    const { ticket } = (await answer.json()) as { ticket: string };
    const page = await deps.connect(`/live?token=${ticket}`);
    expect((await fetch(`${deps.url}/v1/sessions/current`, { method: "DELETE", headers })).status).toBe(204);
    expect(await page.closed).toBe(1008);
  });
});

type Served = Awaited<ReturnType<typeof served>>;
