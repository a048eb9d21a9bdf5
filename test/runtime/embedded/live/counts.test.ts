import { EventEmitter } from "node:events";
import { countsEveryMs, type LiveCounts, readConfiguration } from "@gatepost/core/live";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WebSocket } from "ws";
import { CountsPulse } from "../../../../packages/embedded/src/live/counts-pulse.ts";
import { Subscriber } from "../../../../packages/embedded/src/live/subscriber.ts";

const counts: LiveCounts = { today: 1, perSecond: 0.1, actions: 2, silent: 0, problems: 3 };

/** A subscriber whose socket collects messages instead of sending them. */
function subscriber(sent: object) {
  const texts: string[] = [];
  const state = { readyState: 1, OPEN: 1, bufferedAmount: 0 };
  const send = (text: Buffer, _: object, done: () => void) => {
    texts.push(text.toString());
    done();
  };
  const socket = Object.assign(new EventEmitter(), state, { send });
  const stream = { cork() {}, uncork() {} };
  const viewer = { id: "key_1" };
  const made = new Subscriber(socket as unknown as WebSocket, { stream, viewer, tokenHash: "", clock: () => 0 });
  const configuration = readConfiguration(JSON.stringify(sent));
  if (!("error" in configuration)) made.configuration = configuration;
  return { made, texts };
}

describe("counts", () => {
  let now: LiveCounts;
  let reads: number;
  const warnings: string[] = [];
  const log = { info() {}, warn: (message: string) => void warnings.push(message), error() {} };
  const read = async () => {
    reads += 1;
    return now;
  };
  const [asking, plain] = [subscriber({ counts: true }), subscriber({})];
  let pulse: CountsPulse;
  beforeEach(() => {
    vi.useFakeTimers();
    now = counts;
    reads = 0;
    for (const { texts } of [asking, plain]) texts.length = 0;
    pulse = new CountsPulse({ counts: { read }, log, subscribers: new Set([asking.made, plain.made]) });
  });
  afterEach(() => {
    pulse.end();
    vi.useRealTimers();
  });

  it("go to readers that asked, at once and every five seconds after changes", async () => {
    await pulse.welcome(asking.made);
    await pulse.welcome(asking.made);
    await vi.advanceTimersByTimeAsync(countsEveryMs);
    expect(asking.texts).toEqual([JSON.stringify({ counts })]);
    now = { ...counts, today: 2 };
    await vi.advanceTimersByTimeAsync(countsEveryMs - 1);
    expect(asking.texts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asking.texts).toEqual([JSON.stringify({ counts }), JSON.stringify({ counts: now })]);
    expect(plain.texts).toEqual([]);
    pulse.end();
    await vi.advanceTimersByTimeAsync(10 * countsEveryMs);
    expect(reads).toBe(3);
  });

  it("are not read without a reader that asked, nor twice at once", async () => {
    const idle = new CountsPulse({ counts: { read }, log, subscribers: new Set([plain.made]) });
    await idle.beat();
    expect(reads).toBe(0);
    idle.end();
    await Promise.all([pulse.beat(), pulse.beat()]);
    expect(reads).toBe(1);
  });

  it("follow with a later beat if they could not be read", async () => {
    const failing = { read: () => Promise.reject(new Error("busy")) };
    const broken = new CountsPulse({ counts: failing, log, subscribers: new Set([asking.made]) });
    await broken.beat();
    failing.read = () => Promise.resolve(counts) as Promise<never>;
    await broken.beat();
    broken.end();
    expect(warnings).toEqual(["could not read counts for the live feed"]);
    expect(asking.texts).toEqual([JSON.stringify({ counts })]);
  });
});
