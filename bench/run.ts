import { consoleSpeed } from "./console.ts";
import { liveFanOut } from "./fan-out.ts";
import { handlerOverFloor, lambdaOverFloor } from "./handler.ts";
import { underLoad } from "./load.ts";
import { loneReport } from "./lone.ts";
import { memoryUnderLoad } from "./memory.ts";
import { millionEvents, prepare } from "./million.ts";
import { receivers } from "./receivers.ts";
import { coldStart } from "./start.ts";
import { withUndelivered } from "./undelivered.ts";
import { twiceTheSize, wrappedOverStrict } from "./wrappings.ts";

const measures = [
  // It watches the syncs of this process, so it comes before what imports the stores.
  loneReport,
  handlerOverFloor,
  lambdaOverFloor,
  wrappedOverStrict,
  twiceTheSize,
  receivers,
  memoryUnderLoad,
  liveFanOut,
  millionEvents,
  underLoad,
  withUndelivered,
  coldStart,
];

/* Prints ratios of one run on one machine: median (least–most). Absolute times would say nothing elsewhere. */
const [, , only] = process.argv;
if (only === "console") for await (const line of consoleSpeed()) process.stdout.write(`${line}\n`);
else if (only === "prepare") process.stdout.write(`${await prepare()}\n`);
else for (const measure of measures) process.stdout.write(`${await measure()}\n`);
