import type { Client } from "./client.ts";
import { pause, pauseBefore } from "./pause.ts";
import { Refusal } from "./refusal.ts";

/** Events that are asked for at once, at most. */
const askedAtOnce = 200;

/** ms in which an answer must come. */
const answerMs = 30_000;

interface Deps {
  client: Pick<Client, "missing">;
  /** Whether anybody still wants to know. */
  isWanted(): boolean;
  /** From 0 to 1. */
  random(): number;
}

/**
 * Gives the ids of those events that the server has no more, as answers come. It asks again where the server does not
 * answer, or answers 429 or 5xx, and throws any other Refusal.
 */
export async function* findErased(held: readonly string[], deps: Deps): AsyncGenerator<readonly string[], void, void> {
  for (let at = 0, tries = 0; at < held.length && deps.isWanted(); ) {
    const asked = held.slice(at, at + askedAtOnce);
    const missing = await deps.client.missing(asked, AbortSignal.timeout(answerMs)).catch(temporary);
    if (!deps.isWanted()) return;
    if (missing === null) {
      await pause(pauseBefore(tries++, deps.random()));
      continue;
    }
    if (missing.length > 0) yield missing;
    at += askedAtOnce;
    tries = 0;
  }
}

/** Null for an error that may go away by itself. */
function temporary(error: unknown): null {
  if (error instanceof Refusal && error.status < 500 && error.status !== 429) throw error;
  return null;
}
