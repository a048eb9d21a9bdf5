import { CommanderError } from "commander";
import { plain } from "./plain.ts";

/** The command failed. The message is one line that says what to do. */
export class Failure extends Error {}

/** Nobody answered where the command asked. */
export class NotReached extends Failure {}

/** The command was called in a way that cannot work. */
export class WrongUsage extends Failure {}

/** The command was asked to end before it was done, and has removed what it had made. */
export class Interrupted extends Failure {
  constructor() {
    super("ended before it was done, as it was asked to");
  }
}

/** The exit code of shells for a program that Ctrl-C has ended. */
export const interruptedCode = 130;

/** 130 where it was interrupted, 1 where it failed, 2 where it was called wrongly, 0 where help or the version was asked for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Interrupted) return interruptedCode;
  return error instanceof WrongUsage ? 2 : 1;
}

/** One line for a person. */
export function sayWhy(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = plain(message).split("\n");
  return lines.flatMap((line) => line.trim() || []).join(" ");
}
