import { FeedWaits } from "@gatepost/core/events";
import { describe, expect, it } from "vitest";

describe("waits for the feed", () => {
  it("are limited for each caller, and for all together", () => {
    const waits = new FeedWaits({ all: 3, ofCaller: 2 });
    const held = [waits.begin("a"), waits.begin("a")];
    expect(waits.begin("a")).toBeNull();
    expect(waits.begin("b")).not.toBeNull();
    expect(waits.begin("c")).toBeNull();
    held[0]?.[Symbol.dispose]();
    held[0]?.[Symbol.dispose]();
    expect(waits.size).toBe(2);
    expect(waits.begin("a")).not.toBeNull();
    expect(waits.begin("a")).toBeNull();
  });

  it("miss no change between two questions", async () => {
    const waits = new FeedWaits();
    using wait = waits.begin("a");
    waits.notify();
    expect(await wait?.next(60_000)).not.toBeNull();
    const next = wait?.next(60_000);
    waits.notify();
    expect(await next).not.toBeNull();
  });

  it("end without a change after their time, and at the end of the server", async () => {
    const waits = new FeedWaits();
    using wait = waits.begin("a");
    expect(await wait?.next(1)).toBeNull();
    const next = wait?.next(60_000);
    waits.end();
    expect(await next).toBeNull();
    expect(wait?.isEnded).toBe(true);
    expect(waits.begin("a")).toBeNull();
  });

  it("leave requests waiting that begin while others continue", async () => {
    const waits = new FeedWaits();
    const held = Array.from({ length: 40 }, (_, n) => waits.begin(`${n}`));
    const answered = held.map((wait) => wait?.next(60_000));
    waits.notify();
    await answered[0];
    using late = waits.begin("late");
    let isOver = false;
    const next = late?.next(60_000).finally(() => {
      isOver = true;
    });
    await Promise.all(answered);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    waits.end();
    expect(await next).toBeNull();
  });

  it("share one change, and not the next", async () => {
    const waits = new FeedWaits();
    using one = waits.begin("a");
    using other = waits.begin("b");
    waits.notify();
    const first = await one?.next(1);
    expect(await other?.next(1)).toBe(first);
    waits.notify();
    expect(await one?.next(1)).not.toBe(first);
  });
});
