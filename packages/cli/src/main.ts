import { fstatSync } from "node:fs";
import { interruptedCode } from "./failure.ts";
import { run } from "./run.ts";
import { writeWhole } from "./write-whole.ts";

// Whoever reads may stop reading: that must not stop a server. What a command could not answer, it says itself.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
if (!process.stdout.isTTY && fstatSync(1).isFile()) writeWhole(process.stdout, 1);

process.exitCode = await run(process.argv.slice(2));
// What was interrupted may still wait for an answer that never comes.
if (process.exitCode === interruptedCode) process.exit();
