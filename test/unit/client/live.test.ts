import { client, LiveFeed, type LiveState, pauseBefore } from "@gatepost/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TestSocket } from "./socket.ts";

let sockets: TestSocket[];
let states: LiveState[];
let heard: string[];
let answer: () => Response;
let online: () => void;

function feed(): LiveFeed {
  const gatepost = client({ token: "gpr_test", fetch: async () => answer() });
  return new LiveFeed(
    gatepost,
    "ws://gatepost.example/live",
    {
      event: ({ id }, { isUpdate, isCatchUp }) =>
        heard.push([id, isUpdate && "updated", isCatchUp && "missed"].filter(Boolean).join(" ")),
      noted: ({ event }) => heard.push(`noted ${event}`),
      roll: ({ id }) => heard.push(`changed ${id}`),
      counts: ({ today }) => heard.push(`${today} today`),
      seen: (ids) => heard.push(`seen ${ids}`),
      erased: (ids) => heard.push(`erased ${ids}`),
      gap: () => heard.push("gap"),
      caughtUp: () => heard.push("caught up"),
      wishRefused: (why) => heard.push(`refused: ${why}`),
      state: (state) => states.push(state),
    },
    {
      open: (url) => {
        const socket = new TestSocket(url);
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      now: () => Date.now(),
      random: () => 1,
      onOnline: (then) => {
        online = then;
        return () => {};
      },
    },
  );
}

const socket = (at: number) => sockets[at] ?? expect.fail(`socket ${at} was not opened`);
const tick = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  [sockets, states, heard] = [[], [], []];
  answer = () => Response.json({ ticket: "gpt_1", expires: "" }, { status: 201 });
});
afterEach(() => {
  vi.useRealTimers();
});

it("connects with a ticket instead of the key, and asks for events", async () => {
  feed().configure({ boxes: ["gate-1"] });
  await tick();
  expect(socket(0).url).toBe("ws://gatepost.example/live?token=gpt_1");
  socket(0).open();
  expect(socket(0).sent).toEqual([
    { event_list: ["*"], form: "event", updates: true, counts: true, boxes: ["gate-1"] },
  ]);
  expect(states).toEqual([{ is: "connecting" }, { is: "open" }]);
});

it("events, updates, counts and seen ids are passed on", async () => {
  feed().configure({});
  await tick();
  socket(0).open();
  socket(0).says({ event: { id: "evt_1" }, isUpdate: false, isCatchUp: true });
  socket(0).says({ event: { id: "evt_1" }, isUpdate: true });
  socket(0).says({ counts: { today: 812 } });
  socket(0).says({ seen: ["evt_1"] });
  socket(0).says({ noted: { event: "evt_1" } });
  socket(0).says({ roll: { id: "rol_1" } });
  socket(0).says({ erased: ["evt_1"] });
  socket(0).says({ caughtUp: true });
  expect(heard).toEqual([
    "evt_1 missed",
    "evt_1 updated",
    "812 today",
    "seen evt_1",
    "noted evt_1",
    "changed rol_1",
    "erased evt_1",
    "caught up",
  ]);
});

it("reconnects after longer and longer waits, and continues after the last new event", async () => {
  feed().configure({});
  await tick();
  socket(0).open();
  socket(0).says({ event: { id: "evt_1" } });
  socket(0).says({ event: { id: "evt_0" }, isUpdate: true });
  socket(0).close(1006);
  expect(states.at(-1)).toEqual({
    ...{ is: "waiting", since: 0, retryAt: 500 },
    reason: "closed with code 1006: the connection broke, or the server refused it",
  });
  answer = () => Response.json({ detail: "the store does not answer" }, { status: 503 });
  await vi.advanceTimersByTimeAsync(500);
  expect(states.at(-1)).toEqual({
    ...{ is: "waiting", since: 0, retryAt: 1500 },
    reason: "POST /v1/tickets was answered 503: the store does not answer",
  });
  answer = () => Response.json({ ticket: "gpt_2", expires: "" }, { status: 201 });
  await vi.advanceTimersByTimeAsync(1000);
  socket(1).open();
  expect(socket(1).sent[0]?.since).toBe("evt_1");
  socket(1).close(1013, "too slow; connect again with `since`");
  expect(states.at(-1)).toEqual({
    ...{ is: "waiting", since: 1500, retryAt: 2000 },
    reason: "closed with code 1013: too slow; connect again with `since`",
  });
});

it.each([
  [
    new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:9") }),
    "fetch failed: connect ECONNREFUSED 127.0.0.1:9",
  ],
  [
    new TypeError("fetch failed", { cause: Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }) }),
    "fetch failed: ECONNREFUSED",
  ],
  [new TypeError("Failed to fetch"), "Failed to fetch"],
  ["no error", "no error"],
])("the reason of a wait is given: %s", async (thrown, reason) => {
  answer = () => {
    throw thrown;
  };
  feed().configure({});
  await tick();
  expect(states.at(-1)).toMatchObject({ is: "waiting", reason });
});

it("new events follow if the event to continue after is gone", async () => {
  feed().configure({ boxes: ["gate-1"], since: "evt_erased" });
  await tick();
  socket(0).open();
  socket(0).says({ error: { status: 400, message: "since: there is no such event, or it has expired; leave it out" } });
  expect(heard).toEqual(["gap"]);
  expect(socket(0).sent.map(({ boxes, since }) => [boxes, since])).toEqual([
    [["gate-1"], "evt_erased"],
    [["gate-1"], undefined],
  ]);
  socket(0).says({ error: { status: 400, message: "types: must be a list" } });
  expect(socket(0).sent).toHaveLength(2);
  expect(heard).toEqual(["gap", "refused: types: must be a list"]);
});

describe("erasures during a lost connection", () => {
  const held = Array.from({ length: 201 }, (_, at) => `evt_${at}`);
  let asked: string[][];
  let missing: () => Response;

  function holding(): LiveFeed {
    asked = [];
    const fetch = async (url: string, { body }: RequestInit) => {
      if (!url.endsWith("/v1/events/missing")) return answer();
      asked.push(JSON.parse(String(body)).ids);
      return missing();
    };
    const listener = {
      erased: (ids: readonly string[]) => void heard.push(`erased ${ids}`),
      holds: () => held,
      state: (state: LiveState) => void states.push(state),
    };
    const open = (url: string) => {
      const made = new TestSocket(url);
      sockets.push(made);
      return made as unknown as WebSocket;
    };
    const world = { open, now: () => Date.now(), random: () => 1, onOnline: () => () => {} };
    return new LiveFeed(client({ token: "gpr_test", fetch }), "ws://gatepost.example/live", listener, world);
  }

  it("are asked for with each connection, 200 ids at a time, after the missed events", async () => {
    missing = () => Response.json({ missing: asked.length === 2 ? ["evt_200"] : [] });
    holding().configure({});
    await tick();
    socket(0).open();
    await tick();
    expect(asked).toEqual([]);
    socket(0).says({ caughtUp: true });
    await tick();
    expect([asked.map(({ length }) => length), heard]).toEqual([[200, 1], ["erased evt_200"]]);
    socket(0).close(1006);
    await vi.advanceTimersByTimeAsync(500);
    socket(1).open();
    socket(1).says({ caughtUp: true });
    await tick();
    expect(asked).toHaveLength(4);
  });

  it("are asked for again without an answer, as long as the connection lasts", async () => {
    missing = () => Response.json({ detail: "later" }, { status: 503 });
    holding().configure({});
    await tick();
    socket(0).open();
    socket(0).says({ caughtUp: true });
    await vi.advanceTimersByTimeAsync(1500);
    expect([asked.length, states.at(-1)]).toEqual([3, { is: "open" }]);
    socket(0).close(1008);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(3);
  });

  it("a refusal of the request ends the feed", async () => {
    missing = () => Response.json({ detail: "there is nothing at this address" }, { status: 404 });
    holding().configure({});
    await tick();
    socket(0).open();
    socket(0).says({ caughtUp: true });
    await tick();
    expect(states.at(-1)).toMatchObject({ is: "refused", refusal: { status: 404 } });
  });
});

it("a silent connection is pinged, and replaced if no answer arrives", async () => {
  feed().configure({});
  await tick();
  socket(0).open();
  await vi.advanceTimersByTimeAsync(59_000);
  socket(0).says({ counts: { today: 812 } });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(socket(0).pings).toBe(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(socket(0).pings).toBe(1);
  socket(0).says({ pong: true });
  await vi.advanceTimersByTimeAsync(60_000);
  expect([socket(0).pings, states.at(-1)]).toEqual([2, { is: "open" }]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(states.at(-1)).toMatchObject({ is: "waiting", reason: "no sign of life for 80 s" });
  await vi.advanceTimersByTimeAsync(500);
  socket(1).open();
  expect([socket(0).readyState, sockets.length, states.at(-1)]).toEqual([3, 2, { is: "open" }]);
});

it("a connection that does not open is given up, and ignored if it opens late", async () => {
  feed().configure({});
  await tick();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(states.at(-1)).toMatchObject({ is: "waiting", reason: "no connection within 30 s" });
  await vi.advanceTimersByTimeAsync(500);
  expect(sockets).toHaveLength(2);
  socket(0).open();
  expect([socket(0).sent, states.at(-1)]).toEqual([[], { is: "connecting" }]);
});

it("two configurations in a row open one connection", async () => {
  const both = feed();
  both.configure({ boxes: ["gate-1"] });
  both.configure({ boxes: ["gate-2"] });
  await tick();
  socket(0).open();
  expect([sockets.length, socket(0).sent.map(({ boxes }) => boxes)]).toEqual([1, [["gate-2"]]]);
});

it("no request follows a close", async () => {
  const closed = feed();
  closed.configure({});
  await tick();
  socket(0).open();
  closed.close();
  closed.configure({ boxes: ["gate-1"] });
  await vi.advanceTimersByTimeAsync(100_000);
  expect([sockets.length, socket(0).pings]).toEqual([1, 0]);
});

it("reconnects at once when the browser is online again", async () => {
  feed().configure({});
  await tick();
  socket(0).close(1006);
  online();
  await tick();
  expect(sockets).toHaveLength(2);
});

it("a revoked key stops the feed, during a connection or before one", async () => {
  feed().configure({});
  await tick();
  socket(0).open();
  socket(0).close(1008);
  expect(states.at(-1)).toEqual({ is: "refused", refusal: null });
  answer = () => Response.json({ detail: "this key was revoked", code: "revoked" }, { status: 401 });
  feed().configure({});
  await tick();
  expect(states.at(-1)).toMatchObject({ is: "refused", refusal: { status: 401, code: "revoked" } });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
});

it("a closed feed reports no refused key, for any later answer", async () => {
  answer = () => Response.json({ detail: "this key was revoked", code: "revoked" }, { status: 401 });
  const closed = feed();
  closed.configure({});
  closed.close();
  await tick();
  expect(states).toEqual([{ is: "connecting" }]);
});

it("another filter is sent on the same connection", async () => {
  const live = feed();
  live.configure({});
  await tick();
  socket(0).open();
  live.configure({ boxes: ["lobby"] });
  expect(socket(0).sent.map(({ boxes }) => boxes)).toEqual([undefined, ["lobby"]]);
  live.close();
  expect(states.at(-1)).toEqual({ is: "open" });
});

it("waits grow from 0.5 s to 30 s, and half of each is random", () => {
  expect([0, 1, 2, 5, 6, 7, 500].map((tries) => pauseBefore(tries, 1))).toEqual([
    500, 1000, 2000, 16_000, 30_000, 30_000, 30_000,
  ]);
  expect(pauseBefore(6, 0)).toBe(15_000);
});

it.each([
  "<html>Sign in</html>",
  "",
  "null",
  "7",
  '{"event":null}',
  '{"event":{}}',
  '{"error":1}',
  '{"error":{"message":1}}',
  '{"seen":1}',
  '{"erased":{}}',
])("an invalid message, %s, ends the connection and not the program", async (text) => {
  feed().configure({});
  await tick();
  socket(0).open();
  socket(0).saysText(text);
  const reason = "something else than Gatepost answers there";
  expect(states.at(-1)).toMatchObject({ is: "waiting", reason });
  await vi.advanceTimersByTimeAsync(500);
  expect([sockets.length, heard]).toEqual([2, []]);
});
