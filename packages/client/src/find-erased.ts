import type { Client } from "./client.ts";
import { pause, pauseBefore } from "./pause.ts";
import { Refusal } from "./refusal.ts";

/** Most ids in one request. */
const batchSize = 200;

/** ms in which an answer must come. */
const answerMs = 30_000;

interface Deps {
  client: Pick<Client, "missing">;
  /** Whether the caller still wants to know. */
  isWanted(): boolean;
  /** From 0 to 1. */
  random(): number;
}

/**
 * Gives the ids of the events that the server no longer has, as answers are received. It asks again if the server does
 * not answer, or answers 429 or 5xx, and throws any other Refusal.
 */
export async function* findErased(held: readonly string[], deps: Deps): AsyncGenerator<readonly string[], void, void> {
  for (let at = 0; at < held.length; at += batchSize) {
    const missing = await missingAmong(held.slice(at, at + batchSize), deps);
    if (missing === null) return;
    if (missing.length > 0) yield missing;
  }
}

/** Asks until there is an answer; null if the caller no longer wants it. */
async function missingAmong(ids: readonly string[], { client, isWanted, random }: Deps) {
  for (let tries = 0; isWanted(); tries++) {
    const missing = await client.missing(ids, AbortSignal.timeout(answerMs)).catch(nullIfTemporary);
    if (!isWanted()) return null;
    if (missing !== null) return missing;
    await pause(pauseBefore(tries, random()));
  }
  return null;
}

/** Null for an error that may go away by itself. */
function nullIfTemporary(error: unknown): null {
  if (error instanceof Refusal && error.status < 500 && error.status !== 429) throw error;
  return null;
}
