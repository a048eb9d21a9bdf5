import { Failure, Interrupted } from "./failure.ts";

/** True if a person can be asked: both the question and the answer go through a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on stderr. Throws Failure with the refusal on “no”, and Interrupted on Ctrl-C. */
export async function confirmOrFail(message: string, refusal: string): Promise<void> {
  const { confirm } = await import("@clack/prompts");
  const answer = await confirm({ message, initialValue: false, output: process.stderr });
  if (answer === true) return;
  throw answer === false ? new Failure(refusal) : new Interrupted();
}
