import { CommanderError } from "commander";
import { exitCodeOf, sayWhy } from "./failure.ts";
import { completed, type HintTarget } from "./hints.ts";
import { makeProgram } from "./program.ts";

/** Runs one command to its end, and prints a thrown error in one line on stderr. Gives the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let target: HintTarget = {};
  try {
    const program = await makeProgram(args[0]);
    program.hook("preAction", (_, command) => {
      target = command.opts<HintTarget>();
    });
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has already printed the fault.
    if (!(error instanceof CommanderError)) process.stderr.write(`gatepost: ${completed(sayWhy(error), target)}\n`);
    return exitCodeOf(error);
  }
}
