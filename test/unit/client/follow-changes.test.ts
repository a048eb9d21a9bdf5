import { type Client, client, cursorsInMemory, followChanges, type News, Refusal } from "@gatepost/client";
import { beforeEach, expect, it } from "vitest";
import { passing, runtime, seen, type TestRuntime } from "../api/support.ts";

let deps: TestRuntime;
let gatepost: Client;
/** The answers to the next requests; an Error means no answer. */
let instead: (Response | Error)[];
let asked: URLSearchParams[];

beforeEach(async () => {
  deps = await runtime();
  [instead, asked] = [[], []];
  gatepost = client({
    token: "",
    async fetch(path, { method = "GET" }) {
      asked.push(new URL(path, "http://gatepost.test").searchParams);
      const other = instead.shift();
      if (other instanceof Error) throw other;
      return other ?? deps.ask(path, { method, token: deps.tokens.read });
    },
  });
});

const problem = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ detail: "no", title: "", status, type: "about:blank" }, { status, headers });

it("stored events and then new ones are given, and the place is noted after each", async () => {
  await deps.deliver(seen);
  const cursors = cursorsInMemory();
  const events = followChanges(gatepost, { cursors, pauseMs: 1 });
  expect((await events.next()).value?.person.name).toBe("小明");
  expect(await cursors.read()).toBeNull();
  const next = events.next();
  await deps.deliver(passing());
  expect((await next).value?.person.name).toBe("Ada");
  expect(await cursors.read()).not.toBeNull();
  await events.return();
  const again = followChanges(gatepost, { cursors, pauseMs: 1 });
  expect((await again.next()).value?.person.name).toBe("Ada");
});

it("facts are told once, after the events of their page", async () => {
  await deps.deliver(seen);
  const [{ id = "" } = {}] = (await gatepost.changes()).events;
  const heard: (string | boolean)[] = [];
  const cursors = cursorsInMemory();
  const news = async ({ kind }: News) => void heard.push(kind, (await cursors.read()) === "one");
  const events = followChanges(gatepost, { cursors, pauseMs: 1, news });
  heard.push((await events.next()).value?.id ?? "");
  const body = JSON.stringify({ events: [id] });
  await deps.ask("/v1/acknowledgements", { method: "POST", headers: { "content-type": "application/json" }, body });
  const page = await gatepost.changes();
  expect(page.news).toHaveLength(1);
  instead = [Response.json({ ...page, next: "one" }), Response.json({ ...page, next: "two" }), problem(401)];
  for (let n = 0; n < 2; n++) await events.next();
  await expect(events.next()).rejects.toMatchObject({ status: 401 });
  expect([heard, await cursors.read()]).toEqual([[id, "acknowledged", false], "two"]);
});

it("begins with the next change, and has a server on one machine hold its answers", async () => {
  await deps.deliver(seen);
  const events = followChanges(gatepost, { cursors: cursorsInMemory("end"), pauseMs: 1, wait: 20 });
  const next = events.next();
  await expect.poll(() => asked.length).toBeGreaterThan(1);
  await deps.deliver(passing());
  expect((await next).value?.person.name).toBe("Ada");
  expect(asked[0]?.get("after")).toBe("end");
  expect(new Set(asked.map((query) => query.get("wait")))).toEqual(new Set(["20"]));
});

it("a failed connection or a temporary refusal is tried again", async () => {
  await deps.deliver(seen);
  instead = [new TypeError("fetch failed"), problem(503), problem(429, { "retry-after": "0" })];
  const failures: (number | string)[] = [];
  const ending = new AbortController();
  const events = followChanges(gatepost, {
    signal: ending.signal,
    failed(error) {
      failures.push(error instanceof Refusal ? error.status : String(error));
    },
  });
  expect((await events.next()).value?.person.name).toBe("小明");
  expect(failures).toEqual(["TypeError: fetch failed", 503, 429]);
  ending.abort();
  expect((await events.next()).done).toBe(true);
});

it.each([
  ["its own clock", { date: "Sun, 01 Mar 2026 12:00:00 GMT", "retry-after": "Sun, 01 Mar 2026 12:01:30 GMT" }, 90_000],
  ["the clock here", { "retry-after": "Thu, 01 Jan 2099 00:00:00 GMT" }, 86_400_000],
])("the wait lasts until the date of an answer by %s", async (_, headers, expected) => {
  instead = [problem(503, headers)];
  const [waits, ending] = [[] as number[], new AbortController()];
  const failed = (_: unknown, ms: number) => {
    waits.push(ms);
    ending.abort();
  };
  await followChanges(gatepost, { signal: ending.signal, failed }).next();
  expect(waits).toEqual([expected]);
});

it("a longer pause than a timer can take is cut to a day", async () => {
  instead = [problem(503, { "retry-after": "2592000" })];
  const [waits, ending] = [[] as number[], new AbortController()];
  const failed = (_: unknown, ms: number) => {
    waits.push(ms);
    ending.abort();
  };
  await followChanges(gatepost, { signal: ending.signal, failed }).next();
  expect(waits).toEqual([86_400_000]);
});

it("a permanent refusal ends the feed", async () => {
  instead = [problem(401)];
  await expect(followChanges(gatepost).next()).rejects.toMatchObject({ status: 401 });
});

it("a place that cannot be kept ends the feed", async () => {
  await deps.deliver(seen);
  const cursors = { read: async () => null, write: () => Promise.reject(new Error("disk full")) };
  const events = followChanges(gatepost, { cursors });
  await events.next();
  await expect(events.next()).rejects.toThrow("disk full");
});

it("an abort ends the feed at once, within a page or a request", async () => {
  await deps.deliver(seen);
  await deps.deliver(passing());
  const ending = new AbortController();
  const events = followChanges(gatepost, { signal: ending.signal });
  await events.next();
  ending.abort();
  expect(await events.next()).toEqual({ done: true, value: undefined });
  const failures: unknown[] = [];
  const asking = new AbortController();
  const silent = client({
    token: "",
    fetch: (_, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  });
  const next = followChanges(silent, { signal: asking.signal, failed: (error) => failures.push(error) }).next();
  asking.abort();
  expect([await next, failures]).toEqual([{ done: true, value: undefined }, []]);
});
