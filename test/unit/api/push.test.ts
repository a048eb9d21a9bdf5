import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

const subscription = { endpoint: "https://push.example/a", keys: { p256dh: "B", auth: "A" } };

describe("Notifications", () => {
  let deps: TestRuntime;
  let headers: Record<string, string>;
  let account: string;
  beforeEach(async () => {
    deps = await runtime();
    account = await addAccount(deps, "guard");
    headers = await signedIn(deps, account);
  });

  const ask = (method: string, path: string, body?: object, as = headers) =>
    deps.ask(`/v1/push${path}`, { method, headers: as, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  async function subscribed() {
    const answer = await ask("POST", "/subscriptions", { subscription, kinds: ["blacklist", "blacklist"] });
    expect(answer.status).toBe(201);
    return (await answer.json()) as { id: string };
  }

  it("are listed for their person alone, without the address and the keys of the browser", async () => {
    const made = await subscribed();
    const shown = { kinds: ["blacklist"], locked: false, badge: true, language: "en", lastAt: null, name: "" };
    expect(made).toEqual({ ...shown, id: expect.stringMatching(/^sub_[0-9a-f]{18}$/) });
    expect(await (await ask("GET", "")).json()).toMatchObject({ mine: [made], publicKey: expect.any(String) });
    const other = await signedIn(deps, await addAccount(deps, "administrator", { name: "other" }));
    expect(await (await ask("GET", "", undefined, other)).json()).toMatchObject({ mine: [] });
    for (const [method, path, body] of [
      ["PATCH", "", { locked: true }],
      ["POST", "/test", undefined],
      ["DELETE", "", undefined],
    ] as const) {
      expect((await ask(method, `/subscriptions/${made.id}${path}`, body, other)).status).toBe(404);
    }
  });

  it("are changed, tested and ended", async () => {
    const { id } = await subscribed();
    const change = { kinds: ["silence"], locked: true, badge: false, language: "zh" };
    expect(await (await ask("PATCH", `/subscriptions/${id}`, change)).json()).toMatchObject(change);
    expect(await (await ask("POST", `/subscriptions/${id}/test`)).json()).toMatchObject({ sent: true, status: 201 });
    expect((await ask("DELETE", `/subscriptions/${id}`)).status).toBe(204);
    expect((await ask("DELETE", `/subscriptions/${id}`)).status).toBe(404);
  });

  it("ask for the contact of the operator until a person has given one", async () => {
    const hasContact = async () => ((await (await ask("GET", "")).json()) as { hasContact: boolean }).hasContact;
    expect(await hasContact()).toBe(false);
    await subscribed();
    expect(await hasContact()).toBe(false);
    const give = (contact: string) => ask("POST", "/subscriptions", { subscription, kinds: [], contact });
    const refused = await give("it@gate.local");
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining("contact: must be an e-mail"),
    ]);
    expect(await hasContact()).toBe(false);
    for (const contact of ["mailto:it@example.com", "other@example.com"]) {
      expect((await give(contact)).status).toBe(201);
      expect(await hasContact()).toBe(true);
      expect(await deps.deps.push.contact.read()).toBe("mailto:it@example.com");
    }
  });

  it("end with the session that asked for them, and with no other", async () => {
    await subscribed();
    const other = await signedIn(deps, account);
    const end = (as: Record<string, string>) => deps.ask("/v1/sessions/current", { method: "DELETE", headers: as });
    expect((await end(other)).status).toBe(204);
    expect(await deps.deps.push.subscriptions.of(account)).toHaveLength(1);
    expect((await end(headers)).status).toBe(204);
    expect(await deps.deps.push.subscriptions.of(account)).toEqual([]);
  });

  it("of an ended session are the browser's no more, until it subscribes again", async () => {
    const { id } = await subscribed();
    const mine = async (as = headers) =>
      ((await (await ask("GET", "", undefined, as)).json()) as { mine: object[] }).mine;
    expect(await mine()).toMatchObject([{ id }]);
    await deps.deps.accounts.endSessions(account);
    const again = await signedIn(deps, account);
    expect(await mine(again)).toEqual([]);
    for (const [method, path, body] of [
      ["PATCH", "", { locked: true }],
      ["POST", "/test", undefined],
    ] as const)
      expect((await ask(method, `/subscriptions/${id}${path}`, body, again)).status).toBe(404);
    expect((await ask("POST", "/subscriptions", { subscription, kinds: ["silence"] }, again)).status).toBe(201);
    expect(await mine(again)).toMatchObject([{ id, kinds: ["silence"] }]);
    expect((await ask("POST", `/subscriptions/${id}/test`, undefined, again)).status).toBe(200);
  });

  it("are refused for a target that cannot be used, with the reason", async () => {
    deps.deps.push.sender.faultOf = () => "endpoint: 10.0.0.1 is no public host";
    const answer = await ask("POST", "/subscriptions", { subscription, kinds: [] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("subscription.endpoint: 10.0.0.1") });
    expect(await deps.deps.push.subscriptions.all()).toEqual([]);
  });

  it.each([
    [{}],
    [{ subscription, kinds: ["everything"] }],
    [{ subscription, kinds: new Array(5).fill("rules") }],
    [{ subscription: { ...subscription, endpoint: `https://push.example/${"a".repeat(1024)}` }, kinds: [] }],
    [{ subscription: { ...subscription, keys: { p256dh: "B".repeat(201), auth: "" } }, kinds: [] }],
    [{ subscription, kinds: [], language: "fr" }],
    [{ subscription, kinds: [], account: "acc_000000000000000000" }],
  ])("are refused for the body %j", async (body) => {
    expect((await ask("POST", "/subscriptions", body)).status).toBe(400);
  });
});
