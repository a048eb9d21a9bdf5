import { GatepostError } from "@gatepost/ingest";
import { BrokenRow, type StoredEvent } from "@gatepost/protocol";
import type { EventReader } from "./ports/event-reader.ts";

/** What a client is told where an event cannot be read. Null: it is another error. */
export function brokenEvent(error: unknown): GatepostError | null {
  if (!(error instanceof BrokenRow) || error.event === null) return null;
  const message = `the row of ${error.event} is broken, and keeps this from being answered: mend or erase it`;
  return new GatepostError("unavailable", message, { cause: error });
}

/**
 * Reads what an erasure needs to know of an event. Null: there is none. "broken": its row cannot be read, and nobody can
 * tell of which box and of whom it is; it can be erased all the same.
 */
export async function eventToErase(
  id: string,
  { events }: { events: Pick<EventReader, "get"> },
): Promise<StoredEvent | "broken" | null> {
  try {
    return await events.get(id);
  } catch (error) {
    if (error instanceof BrokenRow && error.event === id) return "broken";
    throw error;
  }
}
