import { spawn } from "node:child_process";
import { once } from "node:events";
import { oneOf } from "../scripts/called.ts";
import { consoleSpeed } from "./console.ts";
import { prepare } from "./million.ts";
import { pathOf } from "./peer.ts";

/** Each runs in a separate process, so that none measures the memory that another one has left. */
const measures = [
  "receivers",
  "lone",
  "handler",
  "wrappings",
  "memory",
  "fan-out",
  "million",
  "load",
  "undelivered",
  "long-batch",
  "start",
  "first-report",
  "people",
];

/** Run only when named. */
const apart: Record<string, () => Promise<void>> = {
  console: async () => {
    for await (const line of consoleSpeed()) process.stdout.write(`${line}\n`);
  },
  "alarm-aws": async () => void (await import("./alarm-aws.ts")),
  prepare: async () => void process.stdout.write(`${await prepare()}\n`),
};

/* Prints ratios of one run on one machine: median (least–most). Absolute times would say nothing elsewhere. */
const [, , only] = process.argv;
const named = only === undefined ? measures : [oneOf(only, [...measures, ...Object.keys(apart)])];
for (const name of named) await (apart[name]?.() ?? run(name));

async function run(measure: string): Promise<void> {
  const [code] = await once(spawn(process.execPath, [pathOf(`${measure}.ts`)], { stdio: "inherit" }), "exit");
  if (code !== 0) process.exitCode = 1;
}
