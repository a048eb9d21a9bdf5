import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Subscriber } from "../../support/subscriber.ts";
import { eventOf, hour, type MovedMachine, minute, movedMachine, rule } from "./moved.ts";

let on: MovedMachine;
let hook: Subscriber;

beforeEach(async () => {
  on = await movedMachine();
  hook = await on.subscriber();
  await on.setRules([rule("register", hook.url)]);
});
afterEach(() => on.close());

const ids = (subscriber: Subscriber) => subscriber.delivered.map(({ headers }) => headers["webhook-id"]);

async function ask(path: string, { method = "GET", token = on.machine.adminToken } = {}) {
  const request = new Request(`http://gatepost${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  const answer = await on.machine.api.fetch(request);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function dead(...names: string[]) {
  hook.answer(410);
  const entries = [];
  for (const name of names) entries.push(await on.announce(name));
  await on.advance(25 * hour);
  hook.delivered.length = 0;
  return entries;
}

describe("what a subscriber refuses for ever", () => {
  it.each([400, 410, 302, 500])("with %i is tried for a day and is a dead letter then", async (status) => {
    hook.answer(status);
    const { id } = await on.announce("a");
    await on.advance(24 * hour - minute, 5 * minute);
    expect(await on.deadLetters()).toEqual([]);
    await on.advance(10 * minute);
    const tries = hook.delivered.length;
    expect(tries).toBeGreaterThan(250);
    expect(await on.deadLetters()).toMatchObject([
      {
        rule: "register",
        entry: id,
        tries,
        reason: `answered ${status}`,
        detailType: "Stranger Registration Requested",
      },
    ]);
    await on.advance(hour);
    expect(hook.delivered).toHaveLength(tries);
  });

  it("holds up its rule for a day at most, also where much of it waits", async () => {
    const bad = new Set<string | undefined>();
    hook.behaviour = (response, { headers }) => {
      response.writeHead(bad.has(`${headers["webhook-id"]}`) ? 400 : 204).end();
    };
    const entries = [];
    for (let i = 0; i < 20; i++) entries.push(await on.announce(`${i}`));
    for (const { id } of entries.filter((_, i) => i % 2 === 0)) bad.add(id);
    await on.advance(24 * hour, 5 * minute);
    await on.advance(15 * minute, 1000);
    expect((await on.deadLetters()).map(({ entry }) => entry).sort()).toEqual([...bad].sort());
    const taken = ids(hook).filter((id) => !bad.has(`${id}`));
    expect(taken).toEqual(entries.filter(({ id }) => !bad.has(id)).map(({ id }) => id));
  });

  it("is tried several times even where the machine was off for days", async () => {
    const entry = await on.announce("a");
    hook.answer(503);
    await on.advance(72 * hour, 72 * hour);
    await on.advance(7000, 1000);
    expect(hook.delivered).toHaveLength(4);
    hook.accept();
    await on.advance(10_000, 1000);
    expect(ids(hook).at(-1)).toBe(entry.id);
    expect(await on.deadLetters()).toEqual([]);
  });
});

describe("a dead letter", () => {
  it("is delivered again when that is asked for, with a day of its own", async () => {
    const [entry] = await dead("a");
    const [letter] = await on.deadLetters();
    expect(await ask(`/v1/deadletters/${letter?.id}/send`, { method: "POST" })).toEqual({
      status: 200,
      body: { id: letter?.id },
    });
    await on.advance(hour);
    expect(await on.deadLetters()).toEqual([]);
    hook.accept();
    await on.advance(5 * minute);
    expect(ids(hook).at(-1)).toBe(entry?.id);
    expect((await ask(`/v1/deadletters/${letter?.id}/send`, { method: "POST" })).status).toBe(404);
  });

  it("comes with all others in their order", async () => {
    const entries = await dead("a", "b", "c");
    expect(await on.deadLetters()).toHaveLength(3);
    hook.accept();
    expect((await ask("/v1/deadletters/send?rule=other", { method: "POST" })).body).toEqual({ sent: 0 });
    expect((await ask("/v1/deadletters/send", { method: "POST" })).body).toEqual({ sent: 3 });
    await on.settle();
    expect(ids(hook)).toEqual(entries.map(({ id }) => id));
  });

  it("is listed in pages, newest first, of one rule where asked for", async () => {
    await on.setRules([rule("register", hook.url), rule("second", hook.url)]);
    await dead("a", "b", "c");
    const first = (await ask("/v1/deadletters?rule=second&limit=2")).body;
    const second = (await ask(`/v1/deadletters?rule=second&limit=2&cursor=${first["next"]}`)).body;
    expect([first["deadletters"], second["deadletters"]]).toMatchObject([[{}, {}], [{}]]);
    expect(second["next"]).toBeNull();
    expect(await on.deadLetters()).toHaveLength(6);
  });

  it("goes with its event", async () => {
    for (const entry of await dead("a")) await on.machine.eraser.eraseEvent(eventOf(entry));
    expect(await on.deadLetters()).toEqual([]);
  });

  it.each(["/v1/deadletters/x/send", "/v1/deadletters/999/send"])("at %s there is none", async (path) => {
    expect((await ask(path, { method: "POST" })).status).toBe(404);
  });

  it("is for those with a key", async () => {
    expect((await ask("/v1/deadletters", { token: "none" })).status).toBe(401);
    expect((await ask("/v1/deadletters/send", { token: "none", method: "POST" })).status).toBe(401);
  });
});

describe("a rule that is removed", () => {
  it("leaves what waited for it as dead letters, which can be sent once it is back", async () => {
    hook.answer(500);
    await on.announce("a");
    await on.settle();
    await on.setRules([]);
    await on.settle();
    const [letter] = await on.deadLetters("register");
    expect(letter).toMatchObject({ reason: "the rule was removed", tries: 1 });
    expect((await ask(`/v1/deadletters/${letter?.id}/send`, { method: "POST" })).status).toBe(409);
    expect((await ask("/v1/deadletters/send", { method: "POST" })).body).toEqual({ sent: 0 });
    await on.setRules([rule("register", hook.url)]);
    hook.accept();
    expect((await ask("/v1/deadletters/send", { method: "POST" })).body).toEqual({ sent: 1 });
    await on.settle();
    expect(hook.delivered).toHaveLength(2);
  });

  it("keeps its line where it is only wrong for a while", async () => {
    hook.answer(500);
    await on.announce("a");
    await on.settle();
    await on.setRules([{ ...rule("register", hook.url), pattern: { source: "gatepost" } }]);
    await on.advance(hour);
    expect([hook.delivered.length, await on.deadLetters()]).toEqual([1, []]);
    await on.setRules([rule("register", hook.url)]);
    hook.accept();
    await on.settle();
    expect(hook.delivered).toHaveLength(2);
  });
});
