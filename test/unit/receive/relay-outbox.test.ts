import { relayOutbox, relayUntold } from "@gatepost/core/actions";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { history, noon } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Enqueues actions while the bus is away, so that they stay pending. */
async function leaveBehind(count: number): Promise<void> {
  deps.failing.set("bus", new Error("no bus"));
  const body = Array.from({ length: count }, (_, i) => history({ want_action: "1002", timestamp: noon + i }));
  await send(deps, { path: `/${token}/HistoryEvent`, body });
  deps.failing.clear();
}

const announcedIds = () => deps.announced.map(({ id }) => id);

describe("a sweep", () => {
  it("announces actions that are pending for a minute", async () => {
    await leaveBehind(2);
    deps.now += 60_000;
    expect(await relayOutbox(deps)).toEqual({ announced: 2, failed: 0 });
    expect(deps.events().map(({ actions }) => actions[0]?.state)).toEqual(["announced", "announced"]);
  });

  it("waits longer for a slow bus than a report does, but not forever", async () => {
    await leaveBehind(1);
    deps.now += 60_000;
    vi.useFakeTimers();
    const { put } = deps.bus;
    const within = async (ms: number, answer: () => Promise<void>) => {
      deps.bus.put = (entry) => answer().then(() => put(entry));
      const relayed = relayOutbox(deps);
      await vi.advanceTimersByTimeAsync(ms);
      return relayed;
    };
    expect(await within(10_000, () => new Promise(() => {}))).toEqual({ announced: 0, failed: 1 });
    deps.now += 60_000;
    const late = () => new Promise<void>((resolve) => setTimeout(resolve, 9_000));
    expect(await within(9_000, late)).toEqual({ announced: 1, failed: 0 });
    expect(announcedIds()).toHaveLength(1);
  });

  it("leaves entries that may still be on their way", async () => {
    await leaveBehind(1);
    deps.now += 59_999;
    expect(await relayOutbox(deps)).toEqual({ announced: 0, failed: 0 });
  });

  it("announces at once the entries left by an ended process, and no later ones", async () => {
    await leaveBehind(1);
    const leftBy = deps.now;
    deps.now += 1;
    await leaveBehind(2);
    expect(await relayOutbox(deps, { leftBy })).toEqual({ announced: 1, failed: 0 });
    expect(await relayOutbox(deps, { leftBy })).toEqual({ announced: 0, failed: 0 });
  });

  it("announces nothing twice", async () => {
    await leaveBehind(1);
    deps.now += 60_000;
    await relayOutbox(deps);
    deps.now += 120_000;
    expect(await relayOutbox(deps)).toEqual({ announced: 0, failed: 0 });
    expect(announcedIds()).toHaveLength(1);
  });

  it("continues until no entry is left", async () => {
    await leaveBehind(250);
    deps.now += 60_000;
    expect(await relayOutbox(deps)).toEqual({ announced: 250, failed: 0 });
    expect(new Set(announcedIds()).size).toBe(250);
  });

  it("leaves the rest to the next one once its time is over", async () => {
    await leaveBehind(250);
    deps.now += 60_000;
    const put = deps.bus.put.bind(deps.bus);
    deps.bus.put = async (entry) => {
      deps.now += 100;
      return put(entry);
    };
    expect(await relayOutbox(deps, { withinMs: 20_000 })).toEqual({ announced: 200, failed: 0 });
    expect(await relayOutbox(deps, { withinMs: 20_000 })).toEqual({ announced: 50, failed: 0 });
  });

  it("shares the work with another one at the same time", async () => {
    await leaveBehind(150);
    deps.now += 60_000;
    await Promise.all([relayOutbox(deps), relayOutbox(deps)]);
    expect(announcedIds()).toHaveLength(150);
  });

  it("ends if the bus fails, and leaves the rest to a later one", async () => {
    await leaveBehind(150);
    deps.now += 60_000;
    deps.failing.set("bus", new Error("no bus"));
    expect(await relayOutbox(deps)).toEqual({ announced: 0, failed: 100 });
    expect(deps.lines.at(-1)).toMatchObject({ level: "warn", message: "not announced" });
    deps.failing.clear();
    deps.now += 60_000;
    expect(await relayOutbox(deps)).toEqual({ announced: 150, failed: 0 });
  });

  it("continues if single entries fail, and a later sweep announces those", async () => {
    await leaveBehind(150);
    deps.now += 60_000;
    const put = deps.bus.put.bind(deps.bus);
    let puts = 0;
    deps.bus.put = async (entry) => {
      puts += 1;
      if (puts % 50 === 0) throw new Error("throttled");
      return put(entry);
    };
    expect(await relayOutbox(deps)).toEqual({ announced: 147, failed: 3 });
    deps.bus.put = put;
    deps.now += 60_000;
    expect(await relayOutbox(deps)).toEqual({ announced: 3, failed: 0 });
    expect(new Set(announcedIds()).size).toBe(150);
  });
});

describe("a sweep of both outboxes", () => {
  beforeEach(() => {
    deps.settings.announceEvents = true;
  });

  it("announces actions and recorded events, and counts them together", async () => {
    await leaveBehind(120);
    deps.now += 60_000;
    expect(await relayOutbox(deps)).toEqual({ announced: 240, failed: 0 });
    expect(new Set(deps.announced.map(({ detailType }) => detailType))).toEqual(
      new Set(["Base Photo Update Requested", "Face Event Recorded"]),
    );
  });

  it("empties one outbox if the other cannot be read, and logs the failure", async () => {
    await leaveBehind(2);
    deps.now += 60_000;
    deps.actions.lease = () => Promise.reject(new Error("no actions"));
    await expect(relayOutbox(deps)).rejects.toThrow("no actions");
    expect(deps.announced.map(({ detailType }) => detailType)).toEqual(["Face Event Recorded", "Face Event Recorded"]);
  });
});

describe("relayUntold", () => {
  /** Announces actions while no rule takes them. */
  async function announceUntold(count: number): Promise<void> {
    const { put } = deps.bus;
    deps.bus.put = (entry) => put(entry).then(() => false);
    const body = Array.from({ length: count }, (_, i) => history({ want_action: "1002", timestamp: noon + i }));
    await send(deps, { path: `/${token}/HistoryEvent`, body });
    deps.bus.put = put;
    deps.announced.splice(0);
  }

  it("announces waiting actions once, oldest first, marked late", async () => {
    await announceUntold(25);
    expect(await relayUntold(deps)).toEqual({ told: 25, failed: 0, next: null });
    expect(deps.announced.map(({ detail }) => detail)).toEqual(
      Array.from({ length: 25 }, () => expect.objectContaining({ late: true, late_reason: "outage" })),
    );
    expect(await relayUntold(deps)).toEqual({ told: 0, failed: 0, next: null });
  });

  it("takes no action of 15 days ago", async () => {
    await announceUntold(1);
    deps.now += 15 * 24 * 60 * 60_000;
    expect(await relayUntold(deps)).toMatchObject({ told: 0 });
  });

  it("leaves an action that still no rule takes", async () => {
    await announceUntold(1);
    const { put } = deps.bus;
    deps.bus.put = (entry) => put(entry).then(() => false);
    expect(await relayUntold(deps)).toEqual({ told: 0, failed: 0, next: null });
    deps.bus.put = put;
    expect(await relayUntold(deps)).toMatchObject({ told: 1 });
  });

  it("goes on behind an action that fails, which keeps waiting", async () => {
    await announceUntold(2);
    const { put } = deps.bus;
    let asked = 0;
    deps.bus.put = (entry) => (asked++ === 0 ? Promise.reject(new Error("refused")) : put(entry));
    expect(await relayUntold(deps)).toEqual({ told: 1, failed: 1, next: null });
    expect(await relayUntold(deps)).toEqual({ told: 1, failed: 0, next: null });
  });

  it("begins no other batch after its time, and continues there", async () => {
    await announceUntold(25);
    const first = await relayUntold(deps, { withinMs: 0 });
    expect(first).toMatchObject({ told: 20, next: expect.any(String) });
    expect(await relayUntold(deps, { from: first.next })).toEqual({ told: 5, failed: 0, next: null });
  });
});
