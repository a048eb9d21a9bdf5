import { type Command, CommanderError } from "commander";
import { exitCodeOf, sayWhy, WrongUsage } from "./failure.ts";
import { completed, type HintTarget, withOptions } from "./hints.ts";
import { makeProgram } from "./program.ts";

/** Runs one command to its end, and prints a thrown error in one line on stderr. Gives the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let called: Command | null = null;
  try {
    const program = await makeProgram(args[0]);
    program.hook("preAction", (_, command) => {
      called = command;
    });
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has already printed the fault.
    if (!(error instanceof CommanderError)) process.stderr.write(`gatepost: ${faultIn(called, error)}\n`);
    return exitCodeOf(error);
  }
}

function faultIn(called: Command | null, error: unknown): string {
  if (called === null) return sayWhy(error);
  const why = error instanceof WrongUsage ? withOptions(sayWhy(error), called) : sayWhy(error);
  return completed(why, called.opts<HintTarget>());
}
