import { CommanderError } from "commander";
import { plain } from "./plain.ts";

/** Something that the command could not do; the message is one line that says what to do. */
export class Failure extends Error {}

/** The command was called in a way that cannot work. */
export class WrongUsage extends Failure {}

/** 1 where it failed, 2 where it was called wrongly, 0 where help or the version was asked for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof WrongUsage ? 2 : 1;
}

/** One line for a person. */
export function sayWhy(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = plain(message).split("\n");
  return lines.flatMap((line) => line.trim() || []).join(" ");
}
