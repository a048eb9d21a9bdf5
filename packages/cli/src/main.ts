import { fstatSync } from "node:fs";
import { interruptedCode } from "./failure.ts";
import { writeWhole } from "./output.ts";
import { run } from "./run.ts";

// A reader that goes away must not end a server. Commands check themselves whether their answer was written.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
if (!process.stdout.isTTY && fstatSync(1).isFile()) writeWhole(process.stdout, 1);

process.exitCode = await run(process.argv.slice(2));
// An interrupted command may still wait for an answer that never arrives.
if (process.exitCode === interruptedCode) process.exit();
