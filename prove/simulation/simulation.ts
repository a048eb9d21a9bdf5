import { createHash } from "node:crypto";
import { seededFor } from "../../packages/simulator/src/random.ts";
import type { Outcome, Share } from "../outcome.ts";
import { generate } from "./case/generate.ts";
import { play } from "./case/play.ts";
import { kindOf, shrink } from "./case/shrink.ts";

interface SimulationShare extends Share {
  /** Schedules at most. */
  schedules: number;
  /** Whether it ends with the first finding, without making it smaller. */
  isFirstEnough: boolean;
}

/** Different findings at most: a fault that breaks everything is not reported a thousand times. */
const maxFindings = 5;

/**
 * Plays one schedule after the other, each from its own seed, until the time is over. The digest is of all that
 * happened: the same seed and number of schedules give the same.
 */
export async function proveSimulation(share: SimulationShare): Promise<Outcome & { digest: string }> {
  const { seed, timeMs, schedules, isFirstEnough, print } = share;
  const seeds = seededFor(seed, "schedules");
  const until = performance.now() + timeMs;
  const findings = new Map<string, string>();
  const all = createHash("sha256");
  let played = 0;
  while (played < schedules && performance.now() < until && findings.size < maxFindings) {
    const own = Math.floor(seeds() * 2 ** 31);
    const generated = generate(own);
    const { failure, digest } = await play(generated);
    all.update(digest);
    played += 1;
    if (failure === null || findings.has(kindOf(failure))) continue;
    findings.set(kindOf(failure), `schedule ${own}: ${failure}`);
    if (isFirstEnough) break;
    const smaller = await shrink(generated, failure, play);
    print(`schedule ${own}: ${smaller.failure}`);
    print(JSON.stringify(smaller.one));
  }
  return { done: `${played} simulated schedules`, findings: [...findings.values()], digest: all.digest("hex") };
}
