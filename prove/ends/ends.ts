import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { seededFor } from "../../packages/simulator/src/random.ts";
import type { Outcome, Share } from "../outcome.ts";
import { scratch } from "../power/scratch.ts";
import { judge } from "./judge.ts";
import { Run } from "./run.ts";

interface EndsShare extends Share {
  /** Runs at most. */
  runs: number;
  /** Whether it ends with what is found first. */
  isFirstEnough: boolean;
}

/** Findings at most: what is broken everywhere is not found a thousand times. */
const maxFindings = 5;

/**
 * Lets servers end at any moment of their work, one run after the other, until the time is over. A seed repeats what is
 * asked, and not quite when: files and connections are real.
 */
export async function proveEnds({ seed, timeMs, runs, isFirstEnough }: EndsShare): Promise<Outcome> {
  const seeds = seededFor(seed, "runs");
  const until = performance.now() + timeMs;
  const findings: string[] = [];
  let [played, ends, tries] = [0, 0, 0];
  while (played < runs && performance.now() < until && findings.length < maxFindings) {
    const own = Math.floor(seeds() * 2 ** 31);
    const run = await playOne(own);
    played += 1;
    ends += run.ends;
    tries += run.tries;
    findings.push(...run.findings.slice(0, 1).map((finding) => `run ${own}: ${finding}`));
    if (isFirstEnough && findings.length > 0) break;
  }
  return { done: `${played} runs of a server that ended ${ends} times, with ${tries} tries to deliver`, findings };
}

/** Plays one run. Returns what did not hold. */
export async function playOne(seed: number): Promise<{ findings: string[]; ends: number; tries: number }> {
  await using folder = await scratch();
  const root = join(folder.path, "run");
  mkdirSync(root, { mode: 0o700 });
  const run = new Run(seed, root);
  const findings = await played(run);
  await run.close();
  return { findings, ends: run.ends, tries: run.subscriber.tried.length };
}

async function played(run: Run): Promise<string[]> {
  try {
    await run.play();
    return await judge(run);
  } catch (error) {
    return [`it failed: ${error instanceof Error ? error.message : error}`];
  }
}
