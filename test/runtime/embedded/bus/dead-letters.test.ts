import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Subscriber } from "../../../support/subscriber.ts";
import { type ClockedRuntime, clockedRuntime, eventOf, hour, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
let hook: Subscriber;

beforeEach(async () => {
  deps = await clockedRuntime();
  hook = await deps.subscriber();
  await deps.setRules([rule("register", hook.url)]);
});
afterEach(() => deps.close());

const ids = (subscriber: Subscriber) => subscriber.delivered.map(({ headers }) => headers["webhook-id"]);

async function ask(path: string, { method = "GET", token = deps.runtime.adminToken } = {}) {
  const request = new Request(`http://gatepost${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  const answer = await deps.runtime.api.fetch(request);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function dead(...names: string[]) {
  hook.answer(503);
  const entries = [];
  for (const name of names) entries.push(await deps.announce(name));
  await deps.advance(24 * hour, hour);
  await deps.advance(hour, 5 * minute);
  hook.delivered.length = 0;
  return entries;
}

describe("an entry that a subscriber does not take", () => {
  it.each([
    [500, 5 * minute, 250],
    [401, hour, 24],
    [404, hour, 24],
    [429, hour, 24],
    [302, hour, 24],
  ])("is dead after a day of retries (status %i, checked every %i ms)", async (status, step, atLeast) => {
    hook.answer(status);
    const { id } = await deps.announce("a");
    await deps.advance(24 * hour - minute, step);
    expect(await deps.deadLetters()).toEqual([]);
    await deps.advance(10 * minute);
    const tries = hook.delivered.length;
    expect(tries).toBeGreaterThanOrEqual(atLeast);
    expect(await deps.deadLetters()).toMatchObject([
      {
        rule: "register",
        entry: id,
        tries,
        reason: `answered ${status}`,
        detailType: "Stranger Registration Requested",
      },
    ]);
    await deps.advance(hour);
    expect(hook.delivered).toHaveLength(tries);
  });

  it("blocks its rule for a day at most, also with many others", async () => {
    const bad = new Set<string | undefined>();
    hook.behaviour = (response, { headers }) => {
      response.writeHead(bad.has(`${headers["webhook-id"]}`) ? 500 : 204).end();
    };
    const entries = [];
    for (let i = 0; i < 20; i++) entries.push(await deps.announce(`${i}`));
    for (const { id } of entries.filter((_, i) => i % 2 === 0)) bad.add(id);
    await deps.advance(24 * hour, hour);
    await deps.advance(15 * minute, 15_000);
    expect((await deps.deadLetters()).map(({ entry }) => entry).sort()).toEqual([...bad].sort());
    const taken = ids(hook).filter((id) => !bad.has(`${id}`));
    expect(taken).toEqual(entries.filter(({ id }) => !bad.has(id)).map(({ id }) => id));
  });

  it("is tried several times even if the machine was off for days", async () => {
    const entry = await deps.announce("a");
    hook.answer(503);
    await deps.advance(72 * hour, 72 * hour);
    await deps.advance(7000, 1000);
    expect(hook.delivered).toHaveLength(4);
    hook.accept();
    await deps.advance(10_000, 1000);
    expect(ids(hook).at(-1)).toBe(entry.id);
    expect(await deps.deadLetters()).toEqual([]);
  });
});

describe("a dead letter", () => {
  it("is delivered again on request, with another day of tries", async () => {
    const [entry] = await dead("a");
    const [letter] = await deps.deadLetters();
    expect(await ask(`/v1/deadletters/${letter?.id}/send`, { method: "POST" })).toEqual({
      status: 200,
      body: { id: letter?.id },
    });
    await deps.advance(hour);
    expect(await deps.deadLetters()).toEqual([]);
    hook.accept();
    await deps.advance(5 * minute);
    expect(ids(hook).at(-1)).toBe(entry?.id);
    expect((await ask(`/v1/deadletters/${letter?.id}/send`, { method: "POST" })).status).toBe(404);
  });

  it("is delivered with all others in their order", async () => {
    const entries = await dead("a", "b", "c");
    expect(await deps.deadLetters()).toHaveLength(3);
    hook.accept();
    expect((await ask("/v1/deadletters/send?rule=other", { method: "POST" })).body).toEqual({ sent: 0 });
    expect((await ask("/v1/deadletters/send", { method: "POST" })).body).toEqual({ sent: 3 });
    await deps.settle();
    expect(ids(hook)).toEqual(entries.map(({ id }) => id));
  });

  it("is listed in pages, newest first, or for one rule only", async () => {
    await deps.setRules([rule("register", hook.url), rule("second", hook.url)]);
    await dead("a", "b", "c");
    const first = (await ask("/v1/deadletters?rule=second&limit=2")).body;
    const second = (await ask(`/v1/deadletters?rule=second&limit=2&cursor=${first["next"]}`)).body;
    expect([first["deadletters"], second["deadletters"]]).toMatchObject([[{}, {}], [{}]]);
    expect(second["next"]).toBeNull();
    expect(await deps.deadLetters()).toHaveLength(6);
  });

  it("is removed with its event", async () => {
    for (const entry of await dead("a")) await deps.runtime.eraser.eraseEvent(eventOf(entry));
    expect(await deps.deadLetters()).toEqual([]);
  });

  it.each(["/v1/deadletters/x/send", "/v1/deadletters/999/send"])("is not found at %s", async (path) => {
    expect((await ask(path, { method: "POST" })).status).toBe(404);
  });

  it("is visible only with a key", async () => {
    expect((await ask("/v1/deadletters", { token: "none" })).status).toBe(401);
    expect((await ask("/v1/deadletters/send", { token: "none", method: "POST" })).status).toBe(401);
  });
});

describe("a rule that is removed", () => {
  it("leaves its waiting entries as dead letters, which can be sent later", async () => {
    hook.answer(500);
    await deps.announce("a");
    await deps.settle();
    await deps.setRules([]);
    await deps.settle();
    const [letter] = await deps.deadLetters("register");
    expect(letter).toMatchObject({ reason: "the rule was removed", tries: 1 });
    expect((await ask(`/v1/deadletters/${letter?.id}/send`, { method: "POST" })).status).toBe(409);
    expect((await ask("/v1/deadletters/send", { method: "POST" })).body).toEqual({ sent: 0 });
    await deps.setRules([rule("register", hook.url)]);
    hook.accept();
    expect((await ask("/v1/deadletters/send", { method: "POST" })).body).toEqual({ sent: 1 });
    await deps.settle();
    expect(hook.delivered).toHaveLength(2);
  });

  it("is idle only after its last try has ended", async () => {
    const held = Promise.withResolvers<ServerResponse>();
    hook.behaviour = held.resolve;
    await deps.announce("a");
    await deps.runtime.bus.tick();
    const response = await held.promise;
    await deps.setRules([]);
    await deps.runtime.bus.tick();
    let isAnswered = false;
    const idle = deps.runtime.bus.idle().then(() => isAnswered);
    await nextTurn();
    isAnswered = true;
    response.writeHead(204).end();
    expect(await idle).toBe(true);
  });

  it("keeps its queue if it is wrong for a while", async () => {
    hook.answer(500);
    await deps.announce("a");
    await deps.settle();
    await deps.setRules([{ ...rule("register", hook.url), pattern: { source: "gatepost" } }]);
    await deps.advance(hour);
    expect(await deps.deadLetters()).toEqual([]);
    const tries = hook.delivered.length;
    await deps.setRules([{ ...rule("register", hook.url), maxAgeSeconds: 100_000 }]);
    hook.accept();
    await deps.settle();
    expect(hook.delivered).toHaveLength(tries + 1);
  });
});
