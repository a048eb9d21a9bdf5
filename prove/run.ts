import { fileURLToPath } from "node:url";
import { proveDifferential } from "./differential/differential.ts";
import { type Options, type Part, parts, readOptions } from "./options.ts";
import type { Outcome, Share } from "./outcome.ts";
import { provePower } from "./power/power.ts";
import { whyNot } from "./power/strace.ts";
import { proveSimulation } from "./simulation/simulation.ts";

const second = 1000;
const hour = 3600 * second;

/** How the time is divided: some more than a minute in all, or hours. */
const minute: Record<Part, number> = {
  power: 68 * second,
  simulation: 10 * second,
  differential: 6 * second,
};
const ofHours: Record<Part, number> = { power: 0.7, simulation: 0.2, differential: 0.1 };

/** Many more states, cases and schedules than a minute has time for. */
const manyStates = 1_000_000;

const found = fileURLToPath(new URL("found", import.meta.url));

const print = (line: string) => void process.stdout.write(`${line}\n`);

const proofs: Record<Part, (share: Share, options: Options) => Promise<Outcome>> = {
  power: (share, { scene = null, at = null, states = manyStates, first }) =>
    provePower({ ...share, scene, at, states, isFirstEnough: first, found }),
  simulation: (share, { schedules = manyStates, first }) =>
    proveSimulation({ ...share, schedules, isFirstEnough: first }),
  differential: (share, { states = manyStates, first }) =>
    proveDifferential({ ...share, runs: states, isFirstEnough: first }),
};

/** The parts that need strace, and are left out without it. */
const traced: readonly Part[] = ["power"];

async function main(): Promise<number> {
  const options = readOptions();
  print(`seed ${options.seed}`);
  const outcomes: Outcome[] = [];
  for (const part of options.only === undefined ? parts : [options.only]) {
    const reason = traced.includes(part) ? whyNot() : null;
    outcomes.push(reason === null ? await run(part, options) : leftOut(part, reason));
  }
  return end(outcomes);
}

function run(part: Part, options: Options): Promise<Outcome> {
  return proofs[part]({ seed: options.seed, timeMs: timeOf(part, options), print }, options);
}

/** A part that cannot run is a failure only if everything is required, as in CI. */
function leftOut(part: Part, reason: string): Outcome {
  const isRequired = process.env["GATEPOST_REQUIRE_ALL"] === "1";
  print(`SKIPPED ${part}: ${reason}`);
  return { done: `${part} skipped`, findings: isRequired ? [`${part} cannot run: ${reason}`] : [] };
}

function timeOf(part: Part, { hours, only, states, schedules }: Options): number {
  if (hours !== undefined) return hours * hour * (only === part ? 1 : ofHours[part]);
  return states === undefined && schedules === undefined ? minute[part] : hour;
}

/** The last line counts. */
function end(outcomes: readonly Outcome[]): number {
  const findings = outcomes.flatMap((outcome) => outcome.findings);
  for (const finding of findings) print(`FINDING ${finding}`);
  print(`${outcomes.map(({ done }) => done).join(", ")}: ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
}

// The findings are printed by now. A change that breaks something may have left handles open that would keep this process.
process.exit(await main());
