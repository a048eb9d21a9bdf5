import { BoxError } from "../se5/box-error.ts";
import { whyOf } from "../why.ts";
import { judged, Refused } from "./refused.ts";

type Ended = { state: "failed" | "later"; reason: string };

/**
 * Runs a try at an order. What the box refused for good ends as failed, and what may go well another time as later.
 * Everything else is thrown on: a failure of our own, and the reason of an aborted signal.
 */
export async function ended<Done>(signal: AbortSignal, run: () => Promise<Done>): Promise<Done | Ended> {
  try {
    signal.throwIfAborted();
    return await run();
  } catch (thrown) {
    signal.throwIfAborted();
    const error = judged(thrown);
    if (error instanceof Refused) return { state: "failed", reason: sentence(whyOf(error)) };
    if (error instanceof BoxError)
      return { state: "later", reason: sentence(`the box cannot be asked: ${whyOf(error)}`) };
    throw error;
  }
}

/** Whole sentences are what people read, and other sentences follow them. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
