import { describe, expect, it } from "vitest";
import { isLong } from "../../support/seeded.ts";
import { type Load, runLoad } from "./load/model.ts";
import { shareOf } from "./load/partitions.ts";

const hourMs = 60 * 60 * 1000;

/** The deployment of docs/proof/reliability.md. */
const whole = { boxes: 10_000, maxProcesses: 3000, maxStarts: 1000, shards: 32, erasures: 500 };

/** A twentieth of it. Chance weighs more here, so a key may use a tenth of its units. */
const part = { boxes: 500, maxProcesses: 150, maxStarts: 50, shards: 4, erasures: 500 };

const [size, scale, mostUsed] = isLong ? [whole, 1, 1] : [part, 1 / 20, 0.1];

/**
 * Passings a second whose two reports the gateway lets through (docs/aws.md), and how many more at once
 * (stacks/stage-kind.ts).
 */
const throttle = { rate: (5000 / 2) * scale, burst: (2000 / 2) * scale };

const loads: Record<string, Load> = {
  // Twice the mean of an hour in which each box has a fifth of its 500 passings of a day.
  "the busiest moments of a new deployment": {
    ...size,
    rate: 556 * scale,
    burst: 556 * scale,
    seconds: 30,
    outageMs: 0,
  },
  "the first moments after an outage": { ...size, ...throttle, seconds: 12, outageMs: 2 * hourMs },
};

describe.each(Object.entries(loads))("%s", (_, load) => {
  it("stores every report, and throttles no partition key", { timeout: hourMs }, async () => {
    const { peaks, sent, acknowledged, passings, stored, troubles, ...used } = await runLoad(load);
    const busiest = peaks.slice(0, 12).map((peak) => `${peak.kind} ${peak.key}: ${peak.units}`);
    if (isLong) process.stdout.write(`${JSON.stringify({ sent, ...used })}\n${busiest.join("\n")}\n`);
    expect([acknowledged, stored, troubles]).toEqual([sent, passings, []]);
    expect(peaks.filter((peak) => shareOf(peak) > mostUsed)).toEqual([]);
  });
});
