import { readFileSync } from "node:fs";
import { numberOf, optionsOf } from "../../scripts/called.ts";
import { caseSchema } from "./case/case.ts";
import { generate } from "./case/generate.ts";
import { play } from "./case/play.ts";
import { proveSimulation } from "./simulation.ts";

/*
 * node prove/simulation/run.ts --seed 1 --schedules 10000     many schedules
 * node prove/simulation/run.ts --schedule 1234                one schedule, and all that happens in it
 * node prove/simulation/run.ts --case file.json               the same of a case that was kept; of several, one by one
 */

const values = optionsOf({
  seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
  seconds: { type: "string", default: "20" },
  schedules: { type: "string" },
  schedule: { type: "string" },
  case: { type: "string", multiple: true, default: [] },
  first: { type: "boolean", default: false },
});
const [seed, seconds] = [numberOf("seed", values.seed), numberOf("seconds", values.seconds, { isFraction: true })];
const schedules = values.schedules === undefined ? null : numberOf("schedules", values.schedules, { least: 1 });

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** More than there is time for. */
const many = 1_000_000;

async function main(): Promise<number> {
  const { case: files, schedule } = values;
  if (files.length > 0) return tellKept(files);
  if (schedule !== undefined) return tell(generate(numberOf("schedule", schedule)));
  print(`seed ${seed}`);
  const began = performance.now();
  const { done, findings, digest } = await proveSimulation({
    seed,
    timeMs: schedules === null ? seconds * 1000 : Number.POSITIVE_INFINITY,
    schedules: schedules ?? many,
    isFirstEnough: values.first,
    print,
  });
  for (const finding of findings) print(`FINDING ${finding}`);
  print(`digest ${digest}`);
  print(`${done} in ${Math.round((performance.now() - began) / 1000)} s: ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
}

async function tellKept(files: readonly string[]): Promise<number> {
  let worst = 0;
  for (const file of files) {
    if (files.length > 1) print(`case ${file}`);
    worst = Math.max(worst, await tell(caseSchema.parse(JSON.parse(readFileSync(file, "utf8")))));
  }
  return worst;
}

async function tell(one: ReturnType<typeof generate>): Promise<number> {
  const { failure, lines, digest } = await play(one, { keepsTrace: true });
  for (const line of lines) print(line);
  print(`digest ${digest}`);
  print(failure ?? "all holds");
  return failure === null ? 0 : 1;
}

process.exitCode = await main();
