import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { seededFor } from "../../packages/simulator/src/random.ts";
import type { Outcome, Share } from "../outcome.ts";
import { scratch } from "../power/scratch.ts";
import { Run } from "./run.ts";

interface DifferentialShare extends Share {
  /** Runs at most. */
  runs: number;
  /** Whether it ends with the first finding. */
  isFirstEnough: boolean;
}

/** Findings at most: a difference in every answer is not reported a thousand times. */
const maxFindings = 5;

/** Steps of one run. */
const steps = 80;

/** Asks both runtimes the same, one run after the other, until the time is over. A seed repeats a run. */
export async function proveDifferential({ seed, timeMs, runs, isFirstEnough }: DifferentialShare): Promise<Outcome> {
  const seeds = seededFor(seed, "runs");
  const until = performance.now() + timeMs;
  const findings: string[] = [];
  let [played, asked] = [0, 0];
  while (played < runs && performance.now() < until && findings.length < maxFindings) {
    const own = Math.floor(seeds() * 2 ** 31);
    const run = await playOne(own);
    played += 1;
    asked += run.asked;
    findings.push(...run.findings.map((finding) => `run ${own}: ${finding}`));
    if (isFirstEnough && findings.length > 0) break;
  }
  return { done: `${asked} answers of both runtimes in ${played} runs`, findings };
}

/** Plays one run. Returns the first difference between the two runtimes. */
export async function playOne(seed: number): Promise<{ findings: readonly string[]; asked: number }> {
  await using folder = await scratch();
  const data = join(folder.path, "data");
  mkdirSync(data, { mode: 0o700 });
  const run = await Run.open(seed, data);
  try {
    await run.play(steps);
    return { findings: run.findings.slice(0, 1), asked: run.asked };
  } finally {
    await run.close();
  }
}
