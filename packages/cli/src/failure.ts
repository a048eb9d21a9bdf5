import { onShutdownSignal } from "@gatepost/http";
import { CommanderError } from "commander";
import { plain } from "./plain.ts";

/** The command failed. The message is one line that says what to do. */
export class Failure extends Error {}

/** No server answered at the command's address. */
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

/** 130 if it was interrupted, 1 if it failed, 2 if it was called wrongly, 0 if help or the version was asked for. */
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

const asked = Promise.withResolvers<void>();
let isHeard = false;

/** Resolves when the process is asked to end. From the first call on, no signal for that ends it by itself any more. */
export function endAsked(): Promise<void> {
  if (!isHeard) onShutdownSignal(asked.resolve);
  isHeard = true;
  return asked.promise;
}

/** Aborted when the process is asked to end. */
export function endSignal(): AbortSignal {
  const ending = new AbortController();
  void endAsked().then(() => ending.abort());
  return ending.signal;
}

/** The result of `work`. Throws Interrupted as soon as the process is asked to end, so that the caller can clean up. */
export async function unlessEnded<Result>(work: Promise<Result>, ended: AbortSignal): Promise<Result> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(new Interrupted());
  if (ended.aborted) stop();
  ended.addEventListener("abort", stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    ended.removeEventListener("abort", stop);
  }
}
