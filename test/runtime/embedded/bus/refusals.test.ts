import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Subscriber } from "../../../support/subscriber.ts";
import { type ClockedRuntime, clockedRuntime, hour, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
let hook: Subscriber;

beforeEach(async () => {
  deps = await clockedRuntime();
  hook = await deps.subscriber();
  await deps.setRules([rule("register", hook.url)]);
});
afterEach(() => deps.close());

const ids = () => hook.delivered.map(({ headers }) => `${headers["webhook-id"]}`);
const waiting = async (rule: string | null = null) =>
  (await deps.runtime.reads.deliveries.list(rule, { limit: 500, cursor: null })).items;

/** The subscriber answers so to this entry, and takes all others. */
function refuse(id: string, status = 422) {
  hook.behaviour = (response, { headers }) => {
    response.writeHead(headers["webhook-id"] === id ? status : 204).end();
  };
}

async function three() {
  return [await deps.announce("a"), await deps.announce("b"), await deps.announce("c")].map(({ id }) => id);
}

describe("an entry that its target refuses", () => {
  it.each([400, 402, 405, 409, 410, 413, 422, 451, 499])(
    "is passed by the next ones after status %i",
    async (status) => {
      const [a = "", b, c] = await three();
      refuse(a, status);
      await deps.settle();
      expect(ids()).toEqual([a, b, c]);
      expect(await waiting()).toMatchObject([{ entry: a, aside: true, tries: 1, lastAnswer: `answered ${status}` }]);
    },
  );

  it.each([401, 403, 404, 408, 425, 429, 302, 500, 503])("delays the others after status %i", async (status) => {
    const [a = ""] = await three();
    refuse(a, status);
    await deps.settle();
    expect(ids()).toEqual([a]);
    await deps.advance(hour);
    expect(new Set(ids())).toEqual(new Set([a]));
    expect(await deps.deadLetters()).toEqual([]);
  });

  it("is retried after one and ten minutes, and is then a dead letter", async () => {
    const { id } = await deps.announce("a");
    refuse(id);
    const start = deps.runtime.ingest.clock();
    const times: number[] = [];
    hook.behaviour = (response) => {
      times.push((deps.runtime.ingest.clock() - start) / minute);
      response.writeHead(400).end();
    };
    await deps.settle();
    await deps.advance(10 * minute - 1000, 1000);
    expect(await deps.deadLetters()).toEqual([]);
    await deps.advance(1000);
    expect(await deps.deadLetters()).toMatchObject([{ entry: id, tries: 3, reason: "answered 400" }]);
    await deps.advance(hour);
    expect(times).toEqual([0, 1, 10]);
    expect(await waiting()).toEqual([]);
  });

  it("is retried no more often after the clock was set back, then dead", async () => {
    const { id } = await deps.announce("a");
    let tries = 0;
    hook.behaviour = (response) => {
      tries += 1;
      // Ends entries that would be tried without a pause.
      response.writeHead(tries > 20 ? 204 : 400).end();
    };
    await deps.settle();
    deps.setClock(deps.runtime.ingest.clock() - 8 * hour);
    await deps.settle();
    expect(tries).toBe(2);
    await deps.advance(10 * minute);
    expect([tries, await deps.deadLetters()]).toMatchObject([3, [{ entry: id, reason: "answered 400" }]]);
  });

  it("is delivered if its target takes it later", async () => {
    const { id } = await deps.announce("a");
    refuse(id);
    await deps.settle();
    hook.accept();
    await deps.advance(minute);
    expect(ids()).toEqual([id, id]);
    expect([await waiting(), await deps.deadLetters()]).toEqual([[], []]);
  });

  it("leaves all others in their order, however many are refused", async () => {
    const entries = [];
    for (let i = 0; i < 20; i++) entries.push((await deps.announce(`${i}`)).id);
    const bad = new Set(entries.filter((_, i) => i % 3 === 0));
    hook.behaviour = (response, { headers }) => {
      response.writeHead(bad.has(`${headers["webhook-id"]}`) ? 400 : 204).end();
    };
    await deps.settle();
    expect(ids()).toEqual(entries);
    await deps.advance(11 * minute);
    expect((await deps.deadLetters()).map(({ entry }) => entry).sort()).toEqual([...bad].sort());
    expect(ids().filter((id) => !bad.has(id))).toEqual(entries.filter((id) => !bad.has(id)));
  });

  it("waits with the others during an outage, and its tries delay none", async () => {
    const [a = ""] = await three();
    refuse(a);
    await deps.settle();
    const d = (await deps.announce("d")).id;
    hook.answer(503);
    await deps.settle();
    hook.delivered.length = 0;
    await deps.advance(5 * minute);
    expect(new Set(ids())).toEqual(new Set([d]));
    hook.accept();
    await deps.advance(10 * minute);
    expect(ids().slice(-2)).toEqual([d, a]);
  });

  it("waits in the queue again if its target fails", async () => {
    const { id } = await deps.announce("a");
    hook.answer(400);
    await deps.settle();
    hook.answer(500);
    await deps.advance(minute);
    expect(await waiting()).toMatchObject([{ entry: id, aside: false, tries: 2, lastAnswer: "answered 500" }]);
  });

  it("keeps its counts over a restart", async () => {
    const { id } = await deps.announce("a");
    hook.answer(400);
    await deps.settle();
    await deps.restart();
    await deps.advance(minute);
    await deps.restart();
    expect(await waiting()).toMatchObject([{ entry: id, aside: true, tries: 2 }]);
    await deps.advance(9 * minute);
    expect(await deps.deadLetters()).toMatchObject([{ entry: id, tries: 3 }]);
  });

  it("may be refused three more times after it is sent as a dead letter", async () => {
    await deps.announce("a");
    hook.answer(400);
    await deps.settle();
    await deps.advance(10 * minute);
    expect(await deps.runtime.reads.deadLetters.sendAll(null)).toBe(1);
    await deps.settle();
    expect(await waiting()).toMatchObject([{ aside: true, tries: 1 }]);
    await deps.advance(10 * minute);
    expect(await deps.deadLetters()).toMatchObject([{ tries: 3 }]);
  });

  it("is among the dead letters of a removed rule", async () => {
    const [a = ""] = await three();
    refuse(a);
    await deps.settle();
    await deps.setRules([]);
    await deps.settle();
    expect(await deps.deadLetters()).toMatchObject([{ entry: a, reason: "the rule was removed" }]);
  });
});

describe("a rule that is corrected", () => {
  const corrections: [string, () => object][] = [
    ["target", () => rule("register", `${hook.url}/right`)],
    ["pattern", () => ({ ...rule("register", hook.url), pattern: { detail: { want_action: ["1001", "1002"] } } })],
    ["secret", () => rule("register", hook.url, { target: { url: hook.url, secret: "s" } })],
  ];

  it.each(corrections)("retries refused entries at once, in their order, after a new %s", async (_, corrected) => {
    const all = await three();
    hook.answer(400);
    await deps.settle();
    hook.delivered.length = 0;
    hook.accept();
    await deps.setRules([corrected()]);
    await deps.settle();
    expect(ids()).toEqual(all);
  });

  it.each(corrections)("retries entries that wait for the target at once, after a new %s", async (_, corrected) => {
    const all = await three();
    hook.answer(503);
    await deps.settle();
    await deps.advance(hour);
    hook.delivered.length = 0;
    hook.accept();
    await deps.settle();
    expect(ids()).toEqual([]);
    await deps.setRules([corrected()]);
    await deps.settle();
    expect(ids()).toEqual(all);
  });

  it("retries at the next start if no server ran", async () => {
    const { id } = await deps.announce("a");
    hook.answer(400);
    await deps.settle();
    hook.accept();
    await deps.setRules([rule("register", `${hook.url}/right`)]);
    await deps.restart();
    await deps.settle();
    expect(ids()).toEqual([id, id]);
  });

  it("gives waiting entries three new tries", async () => {
    await deps.announce("a");
    hook.answer(400);
    await deps.settle();
    await deps.advance(9 * minute);
    await deps.setRules([rule("register", `${hook.url}/still-wrong`)]);
    await deps.advance(5 * minute);
    expect(await deps.deadLetters()).toEqual([]);
    await deps.advance(6 * minute);
    expect(await deps.deadLetters()).toMatchObject([{ tries: 5 }]);
  });

  it("retries nothing if only another rule changed", async () => {
    await deps.announce("a");
    hook.answer(400);
    await deps.settle();
    await deps.setRules([rule("another", `${hook.url}/x`), rule("register", hook.url)]);
    await deps.settle();
    expect(hook.delivered).toHaveLength(1);
  });
});

describe("GET /v1/deliveries", () => {
  async function ask(path: string, token = deps.runtime.adminToken) {
    const request = new Request(`http://gatepost${path}`, { headers: { authorization: `Bearer ${token}` } });
    const answer = await deps.runtime.api.fetch(request);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  it("shows waiting entries with tries, last answer and next try", async () => {
    const [a = "", b, c] = await three();
    refuse(a);
    await deps.settle();
    hook.answer(503);
    const [d, e] = [await deps.announce("d"), await deps.announce("e")];
    await deps.settle();
    expect((await ask("/v1/deliveries")).body).toMatchObject({
      deliveries: [
        { entry: d.id, tries: 1, lastAnswer: "answered 503", aside: false, nextTry: expect.any(String) },
        { entry: e.id, tries: 0, lastAnswer: null, aside: false, nextTry: null },
        { entry: a, tries: 1, lastAnswer: "answered 422", aside: true, nextTry: "2026-11-20T12:01:00.000Z" },
      ],
      next: null,
    });
    expect([b, c]).toEqual(ids().slice(1, 3));
  });

  it("returns pages, rule by rule, or of one rule", async () => {
    await deps.setRules([rule("b", hook.url), rule("a", hook.url)]);
    hook.answer(400);
    await three();
    await deps.settle();
    hook.answer(500);
    await deps.announce("d");
    await deps.settle();
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await ask(`/v1/deliveries?limit=3${cursor}`);
      for (const one of body["deliveries"] as { rule: string; aside: boolean }[]) seen.push(`${one.rule} ${one.aside}`);
      cursor = body["next"] === null ? "" : `&cursor=${body["next"]}`;
    } while (cursor !== "");
    const ofOne = (name: string) => [`${name} false`, `${name} true`, `${name} true`, `${name} true`];
    expect(seen).toEqual([...ofOne("a"), ...ofOne("b")]);
    expect(await waiting("b")).toHaveLength(4);
    expect(await waiting("none")).toEqual([]);
  });

  it("refuses a foreign cursor, and clients without a key", async () => {
    const page = deps.runtime.reads.deliveries.list(null, { limit: 1, cursor: "5 5" });
    await expect(page).rejects.toThrow("another list");
    expect((await ask("/v1/deliveries?cursor=x")).status).toBe(400);
    expect((await ask("/v1/deliveries", "none")).status).toBe(401);
  });
});
