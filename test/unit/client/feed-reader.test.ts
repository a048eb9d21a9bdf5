import { type ChangesPage, client, type Event, FeedReader, type FeedState, type ReadPage } from "@gatepost/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** A request for a page, until the test answers it. */
interface Asked {
  after: string | null;
  wait: string | null;
  answer(answered: Partial<ChangesPage> | Response | Error): Promise<void>;
  isGivenUp(): boolean;
}

let asked: Asked[];
let missing: (ids: string[]) => Response;
let heard: string[];
let states: FeedState[];
let waits: boolean;
let isHidden: boolean;

const noon = Date.UTC(2026, 10, 20, 12);
const begun = new Date(noon).toISOString();

/** An event as the feed gives it. */
const event = (id: string, facts: object = {}) => ({ id, receivedAt: begun, ...facts }) as unknown as Event;
const ids = (count: number) => Array.from({ length: count }, (_, n) => `evt_${n}`);
const problem = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ detail: "no", code: "revoked" }, { status, headers });

function open(held: string[] = [], read: (read: ReadPage) => void = () => {}): FeedReader {
  const fetch = (url: string, { body, signal }: RequestInit): Promise<Response> => {
    if (url.endsWith("/missing")) return Promise.resolve(missing(JSON.parse(String(body)).ids));
    const { searchParams } = new URL(url, "http://gatepost.test");
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    signal?.addEventListener("abort", () => reject(signal.reason));
    asked.push({
      after: searchParams.get("after"),
      wait: searchParams.get("wait"),
      async answer(answered) {
        if (answered instanceof Error) reject(answered);
        else resolve(answered instanceof Response ? answered : Response.json({ ...empty(), ...answered }));
        await vi.advanceTimersByTimeAsync(0);
      },
      isGivenUp: () => signal?.aborted === true,
    });
    return promise;
  };
  return new FeedReader({
    client: client({ token: "gpr_test", fetch }),
    waits: async () => waits,
    world: { now: () => Date.now(), serverTime: () => Date.now(), random: () => 1, isHidden: () => isHidden },
    listener: {
      event: ({ id }, { isUpdate, isCatchUp }) =>
        heard.push([id, isUpdate && "updated", isCatchUp && "missed"].filter(Boolean).join(" ")),
      news: (news) => heard.push(news.kind),
      erased: (gone) => heard.push(`erased ${gone}`),
      holds: () => held,
      missed: () => heard.push("begins"),
      caughtUp: () => heard.push("caught up"),
      read,
      state: (state) => states.push(state),
    },
  });
}

let cursor = 0;
const empty = () => ({ events: [], news: [], next: `at ${++cursor}`, more: false });
const at = (turn: number) => asked[turn] ?? expect.fail(`request ${turn} was not made`);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A reader that has begun, and asks for the next page. */
async function begin(held: string[] = [], read?: (read: ReadPage) => void): Promise<FeedReader> {
  const reader = open(held, read);
  reader.start();
  await pass(0);
  await at(0).answer({});
  await pass(1000);
  heard = [];
  return reader;
}

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
  [asked, heard, states, cursor] = [[], [], [], 0];
  [waits, isHidden] = [true, false];
  missing = () => Response.json({ missing: [] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("begins at the end, without a wait, and continues with one", async () => {
  const reader = open();
  reader.start();
  reader.start();
  await pass(0);
  expect(asked.map(({ after, wait }) => [after, wait])).toEqual([["end", null]]);
  expect(states).toEqual([]);
  await at(0).answer({});
  expect([states, heard]).toEqual([[{ is: "open" }], ["begins"]]);
  await pass(1000);
  expect([at(1).after, at(1).wait, reader.next]).toEqual(["at 1", "20", "at 1"]);
});

it("gives each event and each fact once, and an event again when it has changed", async () => {
  await begin();
  const news: ChangesPage["news"] = [
    { id: "nws_1", at: begun, kind: "noted", event: "evt_1" },
    { id: "nws_2", at: begun, kind: "erased", events: ["evt_0"] },
  ];
  await at(1).answer({ events: [event("evt_1")], news, more: true });
  await at(2).answer({ events: [event("evt_1"), event("evt_2")], news });
  await pass(100);
  await at(3).answer({ events: [event("evt_1", { score: 1 })] });
  expect(heard).toEqual(["evt_1", "noted", "erased evt_0", "evt_2", "evt_1 updated"]);
});

it("takes an event from before its beginning for an update", async () => {
  await begin();
  const receivedAt = (ms: number) => ({ receivedAt: new Date(noon + ms).toISOString() });
  const stored = event("evt_2", receivedAt(-59_000));
  await at(1).answer({ events: [event("evt_1", receivedAt(-61_000)), stored, event("evt_3", receivedAt(1))] });
  expect(heard).toEqual(["evt_1 updated", "evt_2", "evt_3"]);
});

it("takes an event that it forgot for an update", async () => {
  await begin();
  const received = (id: string, n: number) => event(id, { receivedAt: new Date(noon + n).toISOString() });
  await at(1).answer({ events: ids(10_001).map(received), more: true });
  expect(heard.some((one) => one.endsWith("updated"))).toBe(false);
  heard = [];
  const changed = event("evt_0", { receivedAt: begun, score: 1 });
  await at(2).answer({ events: [changed, received("evt_10000", 10_000), received("late", 2)] });
  expect(heard).toEqual(["evt_0 updated", "late"]);
});

it("reads on at once while there is more", async () => {
  await begin();
  await at(1).answer({ more: true });
  await at(2).answer({ more: true });
  expect(asked.map(({ after }) => after)).toEqual(["end", "at 1", "at 2", "at 3"]);
});

describe("the time to the next request", () => {
  const next = async (ms: number) => {
    const known = asked.length;
    await pass(ms - 1);
    expect(asked.length).toBe(known);
    await pass(1);
    expect(asked.length).toBe(known + 1);
  };

  it("is 0.1 s after news of a server that waits, else 1 s", async () => {
    await begin();
    await at(1).answer({ events: [event("evt_1")] });
    await next(100);
    const counts = { today: 1, perSecond: 0, actions: 0, silent: 0, problems: 0 };
    await at(2).answer({ news: [{ id: "nws_1", at: begun, kind: "counts", counts }] });
    await next(100);
    await at(3).answer({});
    await next(1000);
    await pass(20_000);
    await at(4).answer({});
    expect(asked).toHaveLength(6);
  });

  it("is 1 s after news of another server, then 2 s, hidden 30 s", async () => {
    waits = false;
    const reader = await begin();
    await at(1).answer({ events: [event("evt_1")] });
    for (let turn = 2; turn < 61; turn++) {
      await next(1000);
      await at(turn).answer({});
    }
    await next(1000);
    await at(61).answer({ events: [event("evt_1")] });
    await next(2000);
    isHidden = true;
    await at(62).answer({});
    await next(30_000);
    await at(63).answer({});
    isHidden = false;
    reader.retryNow();
    await next(1).catch(() => {});
    expect([asked.length, at(64).wait]).toEqual([65, null]);
  });
});

describe("a lost connection", () => {
  it("is tried again after longer and longer waits, from where the reader was", async () => {
    await begin();
    await at(1).answer(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:9") }));
    const since = Date.now();
    const reason = "fetch failed: connect ECONNREFUSED 127.0.0.1:9";
    expect(states.at(-1)).toEqual({ is: "waiting", since, retryAt: since + 500, reason });
    await pass(500);
    expect(states.at(-1)).toEqual({ is: "connecting" });
    await at(2).answer(problem(503));
    expect(states.at(-1)).toMatchObject({
      since,
      retryAt: since + 1500,
      reason: "GET /v1/events was answered 503: no",
    });
    await pass(1000);
    await at(3).answer(problem(429, { "retry-after": "7" }));
    expect(states.at(-1)).toMatchObject({ since, retryAt: since + 8500 });
    await pass(7000);
    expect([at(4).after, at(4).wait]).toEqual(["at 1", null]);
    await at(4).answer({ events: [event("evt_1")], more: true });
    expect(states.at(-1)).toEqual({ is: "open" });
    await at(5).answer({ events: [event("evt_2")] });
    await pass(100);
    await at(6).answer({ events: [event("evt_3")] });
    expect(heard).toEqual(["evt_1 missed", "evt_2 missed", "caught up", "evt_3"]);
    expect(at(6).wait).toBe("20");
  });

  it("is not told if a user hardly notices it", async () => {
    await begin();
    await at(1).answer(problem(503));
    await pass(500);
    expect(at(2).wait).toBeNull();
    await at(2).answer({ events: [event("evt_1")] });
    expect(heard).toEqual(["evt_1"]);
  });

  it("is tried again at once by retryNow", async () => {
    const reader = await begin();
    await at(1).answer(problem(503, { "retry-after": "60" }));
    reader.retryNow();
    await pass(0);
    expect(asked).toHaveLength(3);
  });

  it("is noticed if no answer arrives for 30 s longer than it may be held", async () => {
    await begin();
    const { promise, resolve } = Promise.withResolvers<void>();
    vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      expect(ms).toBe(50_000);
      const late = new AbortController();
      void promise.then(() => late.abort(new DOMException("too late", "TimeoutError")));
      return late.signal;
    });
    await at(1).answer({});
    await pass(1000);
    vi.restoreAllMocks();
    resolve();
    await pass(0);
    expect(states.at(-1)).toMatchObject({ is: "waiting", reason: "too late" });
  });

  it.each([
    "<html>Sign in</html>",
    "",
    "null",
    "7",
    "[]",
    "{}",
    '{"events":[],"news":[],"more":false}',
    '{"events":[null],"news":[],"next":"","more":false}',
    '{"events":[{}],"news":[],"next":"","more":false}',
    '{"events":[],"news":{},"next":"","more":false}',
    '{"events":[{"id":"evt_',
  ])("is an answer that is no page: %s", async (text) => {
    await begin();
    await at(1).answer(new Response(text));
    expect(states.at(-1)).toMatchObject({ is: "waiting" });
    await pass(500);
    expect([at(2).after, heard]).toEqual(["at 1", []]);
  });
});

it("takes everything since a sleep for missed", async () => {
  waits = false;
  await begin();
  vi.setSystemTime(Date.now() + 24 * 3_600_000);
  await at(1).answer({ events: [event("evt_1")] });
  await pass(1000);
  await at(2).answer({ events: [event("evt_2")], more: true });
  await at(3).answer({ events: [event("evt_3")] });
  await pass(1000);
  await at(4).answer({ events: [event("evt_4")] });
  expect(heard).toEqual(["evt_1", "evt_2 missed", "evt_3 missed", "caught up", "evt_4"]);
});

it("begins again behind a cursor that the server does not know", async () => {
  await begin();
  await at(1).answer(problem(400));
  await pass(500);
  expect(at(2).after).toBe("end");
  await at(2).answer({});
  expect(heard).toEqual(["begins"]);
});

describe("erasures that were not told", () => {
  const held = Array.from({ length: 201 }, (_, n) => `evt_${n}`);
  const missed = { id: "nws_1", at: begun, kind: "missed" } as const;
  let sizes: number[];
  beforeEach(() => {
    sizes = [];
    missing = (asking) => {
      sizes.push(asking.length);
      return Response.json({ missing: sizes.length === 2 ? ["evt_200"] : [] });
    };
  });

  it("are asked for when the reader begins and when it has missed news", async () => {
    const reader = open(held);
    reader.start();
    await pass(0);
    await at(0).answer({});
    expect([sizes, heard]).toEqual([
      [200, 1],
      ["begins", "erased evt_200"],
    ]);
    await pass(1000);
    await at(1).answer({ news: [missed] });
    expect([sizes.length, heard.at(-1)]).toEqual([4, "begins"]);
  });

  it("are asked for again without an answer, until the reader is closed", async () => {
    missing = (asking) => {
      sizes.push(asking.length);
      return problem(503);
    };
    const reader = await begin(held);
    await pass(500);
    expect(sizes.length).toBe(3);
    reader.close();
    await pass(60_000);
    expect(sizes.length).toBe(3);
  });

  it("a refusal of that ends the reader", async () => {
    missing = () => problem(404);
    open(held).start();
    await pass(0);
    await at(0).answer({});
    expect(states.at(-1)).toMatchObject({ is: "refused", refusal: { status: 404 } });
  });
});

it.each([401, 403])("ends with an answer of %i", async (status) => {
  const reader = await begin();
  await at(1).answer(problem(status));
  expect(states.at(-1)).toMatchObject({ is: "refused", refusal: { status, code: "revoked" } });
  reader.start();
  await pass(60_000);
  expect(asked).toHaveLength(2);
});

it("gives up its request when it is stopped, and continues when it is started", async () => {
  const pages: string[] = [];
  const reader = await begin([], ({ from }) => pages.push(from));
  reader.stop();
  expect([at(1).isGivenUp(), reader.isRunning]).toEqual([true, false]);
  await pass(60_000);
  expect([asked.length, states.at(-1)]).toEqual([2, { is: "open" }]);
  reader.start();
  await pass(0);
  expect([at(2).after, at(2).wait]).toEqual(["at 1", null]);
  await at(2).answer({});
  expect(pages).toEqual(["end", "at 1"]);
});

it("takes a page that another reader has read", async () => {
  const reader = await begin();
  reader.stop();
  const page = { ...empty(), events: [event("evt_1")] };
  for (const isCatchUp of [true, false]) reader.take({ page, isCatchUp });
  expect(heard).toEqual(["evt_1 missed", "caught up"]);
});

it("an error of a listener is reported and keeps no later event away", async () => {
  const reader = await begin();
  const errors: unknown[] = [];
  vi.stubGlobal("queueMicrotask", (then: () => void) => {
    try {
      then();
    } catch (error) {
      errors.push(error);
    }
  });
  vi.spyOn(heard, "push").mockImplementationOnce(() => {
    throw new Error("a listener's");
  });
  await at(1).answer({ events: [event("evt_1"), event("evt_2")] });
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  expect([heard, errors, reader.isRunning]).toEqual([["evt_2"], [new Error("a listener's")], true]);
});
