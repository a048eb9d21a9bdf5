import { fileURLToPath } from "node:url";
import { proveKills } from "./kill/kill.ts";
import { proveMutants } from "./mutants/prove.ts";
import { type Options, type Part, readOptions } from "./options.ts";
import type { Outcome, Share } from "./outcome.ts";
import { provePower } from "./power/power.ts";
import { whyNot } from "./power/strace.ts";

const second = 1000;
const hour = 3600 * second;

/** How the time is divided: a minute in all, or hours. */
const minute: Record<Part, number> = { power: 36 * second, kill: 18 * second, simulation: 12 * second };
const ofHours: Record<Part, number> = { power: 0.5, kill: 0.2, simulation: 0.3 };

/** Many more than a minute has time for. */
const manyStates = 1_000_000;

const found = fileURLToPath(new URL("found", import.meta.url));

const print = (line: string) => void process.stdout.write(`${line}\n`);

const proofs: Record<Part, (share: Share, options: Options) => Promise<Outcome>> = {
  power: (share, { scene = null, states = manyStates, first }) =>
    provePower({ ...share, scene, states, isFirstEnough: first, found }),
  kill: (share, { scene = null, states = manyStates, first }) =>
    proveKills({ ...share, scene, kills: states, isFirstEnough: first }),
  simulation: () => Promise.resolve({ done: "no simulation", findings: [] }),
};

/** What needs strace, and is left out where there is none. */
const traced: readonly Part[] = ["power", "kill"];

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  print(`seed ${options.seed}`);
  if (options.mutants) return end([await proveMutants(options.names, print)]);
  const reason = whyNot();
  if (reason !== null && process.env["GATEPOST_REQUIRE_ALL"] === "1")
    return end([{ done: "nothing", findings: [reason] }]);
  const outcomes: Outcome[] = [];
  for (const part of ["power", "kill", "simulation"] as const) {
    if (options.only !== undefined && options.only !== part) continue;
    if (reason !== null && traced.includes(part)) outcomes.push({ done: `${part} left out: ${reason}`, findings: [] });
    else outcomes.push(await proofs[part]({ seed: options.seed, timeMs: timeOf(part, options), print }, options));
  }
  if (reason !== null && options.only !== undefined) print(`SKIPPED ${options.only}: ${reason}`);
  return end(outcomes);
}

function timeOf(part: Part, { hours, only, states }: Options): number {
  if (hours !== undefined) return hours * hour * (only === part ? 1 : ofHours[part]);
  return states === undefined ? minute[part] : hour;
}

/** The last line counts. */
function end(outcomes: readonly Outcome[]): number {
  const findings = outcomes.flatMap((outcome) => outcome.findings);
  for (const finding of findings) print(`FINDING ${finding}`);
  print(`${outcomes.map(({ done }) => done).join(", ")}: ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
}

process.exitCode = await main();
