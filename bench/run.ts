import { spawn } from "node:child_process";
import { once } from "node:events";
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

/* Prints ratios of one run on one machine: median (least–most). Absolute times would say nothing elsewhere. */
const [, , only] = process.argv;
if (only === "console") for await (const line of consoleSpeed()) process.stdout.write(`${line}\n`);
else if (only === "alarm-aws") await import("./alarm-aws.ts");
else if (only === "prepare") process.stdout.write(`${await prepare()}\n`);
else for (const measure of only === undefined ? measures : [only]) await run(measure);

async function run(measure: string): Promise<void> {
  if (!measures.includes(measure)) throw new Error(`there is no measure ${measure}: ${measures.join(", ")}`);
  const [code] = await once(spawn(process.execPath, [pathOf(`${measure}.ts`)], { stdio: "inherit" }), "exit");
  if (code !== 0) process.exitCode = 1;
}
