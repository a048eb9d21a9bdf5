import { setImmediate as nextTurn } from "node:timers/promises";
import { GatepostError } from "@gatepost/core/errors";
import type { Trial } from "@gatepost/core/rules";
import { type Compiled, compile, explain, type JsonObject, matches, PatternError } from "@gatepost/event-pattern";
import { type Announcing, actionRequested, eventRecorded, type StoredEvent } from "@gatepost/protocol";
import { envelopeOf } from "./envelope.ts";

/** Tries a pattern on the entries of events. Throws GatepostError bad-request if the pattern is invalid. */
export async function tryPattern(
  pattern: unknown,
  events: readonly StoredEvent[],
  announcing: Announcing,
): Promise<Trial[]> {
  const compiled = compiledOf(pattern);
  const trials: Trial[] = [];
  for (const event of events) {
    trials.push(...trialsOf(compiled, event, announcing));
    await nextTurn();
  }
  return trials;
}

/** How a pattern decides about the entries of an event: its announcements, or the entry that it was recorded. */
export function trialsOf(pattern: Compiled, event: StoredEvent, announcing: Announcing): Trial[] {
  const announced = event.actions.map((action) => actionRequested(event, action, announcing));
  const entries = announced.length > 0 ? announced : [eventRecorded(event, announcing)];
  return entries.map((entry) => {
    const envelope = JSON.parse(JSON.stringify(envelopeOf(entry))) as JsonObject;
    const { detailType } = entry;
    return { event: event.id, detailType, matches: matches(pattern, envelope), why: explain(pattern, envelope) };
  });
}

function compiledOf(pattern: unknown): Compiled {
  try {
    return compile(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw new GatepostError("bad-request", `pattern: ${error.message}`);
    throw error;
  }
}
