import { BoxError } from "../se5/box-error.ts";
import { whyOf } from "../why.ts";
import { judged, Refused } from "./refused.ts";

type Ended = { state: "failed" | "later"; reason: string };

/**
 * Runs a try of an order. A final refusal of the box ends as failed, a temporary failure as later. Everything else is
 * thrown: faults of our own, and the reason of an aborted signal.
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

/** Makes a whole sentence, because people read it and other sentences follow it. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
