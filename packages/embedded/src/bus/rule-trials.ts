import { setImmediate as nextTurn } from "node:timers/promises";
import { GatepostError } from "@gatepost/core/errors";
import type { Trial } from "@gatepost/core/rules";
import { type Compiled, compile, explain, type JsonObject, matches, PatternError } from "@gatepost/event-pattern";
import { type Announcing, actionRequested, eventRecorded, type StoredEvent } from "@gatepost/protocol";
import { envelopeOf } from "./envelope.ts";
import { type Labels, labelled } from "./labelled.ts";

export interface TrialDeps extends Announcing {
  labels: Labels;
  /** Whether each event is put on the bus, also one with actions. */
  announceEvents: boolean;
}

/** Tries a pattern on the entries of events. Throws GatepostError bad-request if the pattern is invalid. */
export async function tryPattern(pattern: unknown, events: readonly StoredEvent[], deps: TrialDeps): Promise<Trial[]> {
  const compiled = compiledOf(pattern);
  const trials: Trial[] = [];
  for (const event of events) {
    trials.push(...(await trialsOf(compiled, event, deps)));
    await nextTurn();
  }
  return trials;
}

/** The number of events with an entry that a pattern matches. Throws as `tryPattern` does. */
export async function countMatching(
  pattern: unknown,
  events: readonly StoredEvent[],
  deps: TrialDeps,
): Promise<number> {
  const compiled = compiledOf(pattern);
  let count = 0;
  for (const event of events) {
    const entries = await entriesOf(event, deps);
    if (entries.some(({ envelope }) => matches(compiled, envelope))) count += 1;
    await nextTurn();
  }
  return count;
}

/** How a pattern decides about the entries of an event. */
export async function trialsOf(pattern: Compiled, event: StoredEvent, deps: TrialDeps): Promise<Trial[]> {
  const entries = await entriesOf(event, deps);
  return entries.map(({ detailType, envelope }) => {
    return { event: event.id, detailType, matches: matches(pattern, envelope), why: explain(pattern, envelope) };
  });
}

/** The entries that an event puts on the bus. One without actions counts as recorded, even if no event is announced. */
async function entriesOf(event: StoredEvent, { labels, announceEvents, ...announcing }: TrialDeps) {
  const announced = event.actions.map((action) => actionRequested(event, action, announcing));
  const isRecorded = announceEvents || announced.length === 0;
  const entries = isRecorded ? [...announced, eventRecorded(event, announcing)] : announced;
  return Promise.all(
    entries.map(async (entry) => {
      const envelope = JSON.parse(JSON.stringify(envelopeOf(await labelled(entry, labels)))) as JsonObject;
      return { detailType: entry.detailType, envelope };
    }),
  );
}

/** A pattern that was read. Throws GatepostError bad-request if it is invalid. */
export function compiledOf(pattern: unknown): Compiled {
  try {
    return compile(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw new GatepostError("bad-request", `pattern: ${error.message}`);
    throw error;
  }
}
