import { CommanderError } from "commander";
import { exitCodeOf, sayWhy } from "./failure.ts";
import { makeProgram } from "./program.ts";

// Whoever reads may stop reading: that must not stop a server.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await makeProgram().parseAsync();
} catch (error) {
  // Commander has said already what is wrong.
  if (!(error instanceof CommanderError)) process.stderr.write(`gatepost: ${sayWhy(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
