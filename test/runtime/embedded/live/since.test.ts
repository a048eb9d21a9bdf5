import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { SendQueue } from "../../../../packages/embedded/src/live/send-queue.ts";
import { history, noon, realtime } from "../../../support/reports.ts";
import { maxInOneTurn } from "../../../support/turns.ts";
import { message, refusedWith, start } from "./support.ts";

const report = (n: number) => history({ identity_id: `${n}`, timestamp: noon + n });

describe("a reader that resumes", () => {
  it("gets missed events in the order of receipt, and then new ones", async () => {
    const deps = await start();
    for (let n = 0; n < 120; n++) await deps.deliver(report(n));
    const ids = await deps.ids();
    const reader = await deps.connect();
    reader.ask({ event_list: ["*"], since: ids[9] });
    await reader.messages(110);
    await deps.deliver(report(120));
    const messages = await reader.messages(111);
    expect(messages.map(({ event_id }) => event_id)).toEqual((await deps.ids()).slice(10));
  });

  it("gets later events though the newest one was erased since", async () => {
    const deps = await start();
    for (let n = 0; n < 3; n++) await deps.deliver(report(n));
    const [first, second, newest = ""] = await deps.ids();
    await deps.runtime.eraser.eraseEvent(newest);
    const reader = await deps.connect();
    reader.ask({ event_list: ["*"], since: first });
    await reader.messages(1);
    await deps.deliver(report(3));
    const [, , last] = await deps.ids();
    expect((await reader.messages(2)).map(({ event_id }) => event_id)).toEqual([second, last]);
  });

  it("gets each event once while new ones keep arriving", async () => {
    const deps = await start();
    for (let n = 0; n < 60; n++) await deps.deliver(report(n));
    const [first] = await deps.ids();
    const writing = Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        await sleep(n * 5);
        await deps.deliver(report(60 + n));
      }),
    );
    const readers = await Promise.all(Array.from({ length: 5 }, () => deps.connect()));
    for (const [n, reader] of readers.entries()) {
      await sleep(n * 40);
      reader.ask({ event_list: ["*"], since: first });
    }
    await writing;
    const expected = (await deps.ids()).slice(1);
    for (const reader of readers) {
      const messages = await reader.messages(119);
      expect(messages.map(({ event_id }) => event_id).sort()).toEqual([...expected].sort());
    }
  });

  it("leaves boxes their turns, with any number of resuming readers", async () => {
    const deps = await start();
    for (let n = 0; n < 100; n++) await deps.deliver(report(n));
    const [first] = await deps.ids();
    const send = vi.spyOn(SendQueue.prototype, "send");
    onTestFinished(() => send.mockRestore());
    const readers = await Promise.all(Array.from({ length: 20 }, () => deps.connect()));
    for (const reader of readers) reader.ask({ event_list: ["*"], since: first });
    const caughtUp = Promise.all(readers.map((reader) => reader.messages(99)));
    // Sixteen messages in a turn; messages of the next one may leave before they are counted.
    expect(await maxInOneTurn(() => send.mock.calls.length, caughtUp)).toBeLessThanOrEqual(32);
    expect(send).toHaveBeenCalledTimes(20 * 99);
  });

  it("gets no event again that only another report joined, without updates", async () => {
    const deps = await start();
    await deps.deliver(realtime(), "RealTimeEvent");
    await deps.deliver(realtime({ timestamp: noon + 1 }), "RealTimeEvent");
    await sleep(5);
    await deps.deliver(history());
    const [first, second] = await deps.ids();
    const [plain, updated] = [await deps.connect(), await deps.connect()];
    plain.ask({ event_list: ["*"], since: first });
    updated.ask({ event_list: ["*"], since: first, updates: true });
    expect((await plain.messages(1)).map(({ event_id }) => event_id)).toEqual([second]);
    expect((await updated.messages(2)).map((one) => [one.event_id, one["updated"]])).toEqual([
      [second, false],
      [first, true],
    ]);
    await plain.settled();
    expect(plain.received).toHaveLength(1);
  });

  it.each([false, true])("misses nothing after a disconnection at any event (with updates: %s)", async (updates) => {
    const deps = await start();
    for (let n = 0; n < 4; n++) await deps.deliver(realtime({ timestamp: noon + n }), "RealTimeEvent");
    await sleep(5);
    await deps.deliver(history({ timestamp: noon + 1 }));
    const ids = await deps.ids();
    const got = new Set([ids[0]]);
    for (let since = ids[0], news = true; news; ) {
      const reader = await deps.connect();
      reader.ask({ event_list: ["*"], since, updates });
      await reader.settled();
      const [next] = reader.received.map((one) => message.parse(one).event_id);
      news = next !== undefined && !got.has(next);
      since = next ?? since;
      got.add(since);
    }
    expect([...got]).toEqual(ids);
  });

  it("may change its configuration while it resumes", async () => {
    const deps = await start();
    for (let n = 0; n < 100; n++) await deps.deliver(report(n));
    const [first] = await deps.ids();
    const reader = await deps.connect();
    reader.ask({ event_list: ["*"], since: first });
    reader.ask({ event_list: [] });
    await reader.settled();
    const got = reader.received.length;
    await deps.deliver(report(100));
    await reader.settled();
    expect(reader.received.length).toBe(got);
    expect(got).toBeLessThan(99);
  });
});

describe("a reader that reads", () => {
  it("stays connected however many events arrive at once", async () => {
    const deps = await start();
    const reader = await deps.connect();
    reader.ask({ event_list: ["*"] });
    await reader.settled();
    await deps.deliver(Array.from({ length: 300 }, (_, n) => report(n)));
    const messages = await reader.messages(300);
    expect(messages.map(({ event_id }) => event_id)).toEqual(await deps.ids());
  });
});

describe("a reader that does not read", () => {
  it("is disconnected with 1013, and delays no other reader", async () => {
    const deps = await start();
    const [slow, other] = [await deps.connect(), await deps.connect()];
    for (const reader of [slow, other]) {
      reader.ask({ event_list: ["*"], need_face: true });
      await reader.settled();
    }
    slow.socket.pause();
    const scene = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(600_000, 7)]).toString("base64");
    for (let n = 0; n < 40; n++) await deps.deliver(history({ timestamp: noon + n }, { spot_pic: scene }));
    await other.messages(40);
    slow.socket.resume();
    expect(await slow.closed).toBe(1013);
    expect(slow.received.length).toBeLessThan(40);
  });
});

describe("a store that fails", () => {
  it("disconnects readers that would have a gap, and they resume", async () => {
    const deps = await start();
    const [reader, other] = [await deps.connect(), await deps.connect()];
    reader.ask({ event_list: ["*"] });
    await reader.settled();
    await deps.deliver(report(1));
    const [{ event_id: last } = { event_id: "" }] = await reader.messages(1);
    const { events } = deps.runtime.reads;
    const get = events.get.bind(events);
    events.get = () => Promise.reject(new Error("disk gone"));
    other.ask({ event_list: ["*"], since: last });
    expect(await other.closed).toBe(1011);
    await deps.deliver(report(2));
    expect(await reader.closed).toBe(1011);
    events.get = get;
    const again = await deps.connect();
    again.ask({ event_list: ["*"], since: last });
    expect((await again.messages(1)).map(({ event_id }) => event_id)).toEqual((await deps.ids()).slice(1));
    expect(deps.logged.filter(({ level }) => level === "error")).toHaveLength(2);
  });

  it("refuses readers, and logs that", async () => {
    const deps = await start();
    deps.runtime.ingest.keys.find = () => Promise.reject(new Error("disk gone"));
    expect(await refusedWith(`${deps.address}/live?token=${deps.reader.token}`)).toBe(503);
    expect(deps.logged).toMatchObject([{ level: "error", message: "subscriber refused", facts: { cause: {} } }]);
  });
});

describe("a reader whose machine is gone", () => {
  it("is dropped when it has not answered a ping by the next one", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      const deps = await start();
      const [dead, alive] = [await deps.connect(), await deps.connect()];
      dead.socket.pong = () => {};
      vi.advanceTimersByTime(30_000);
      await alive.settled();
      await dead.settled();
      vi.advanceTimersByTime(30_000);
      expect(await dead.closed).toBe(1006);
      await alive.settled();
    } finally {
      vi.useRealTimers();
    }
  });
});
