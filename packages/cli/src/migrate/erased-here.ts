import { erasedName } from "@gatepost/ingest";
import { dayMs, knownPerson, merge } from "@gatepost/protocol";
import type { ImportedErasure, ImportedEvent } from "@gatepost/query";
import type { Went } from "./progress.ts";

/** ms for which an erasure may wait for others: it takes what came meanwhile, and is named by the time it was asked for. */
const maxWaitMs = dayMs;

/** What is noted of an event that goes now: by which names an erasure takes it, and since when. */
export function wentOf({ reports, ...event }: ImportedEvent, key: Uint8Array, now: number): Went {
  const { id, box } = event;
  const { person, timestamp, receivedAt } = merge({
    ...event,
    reports: reports.map(({ report }) => report),
    actions: [],
  });
  const known = knownPerson(person);
  const ofPerson = known === null ? [] : [box, null].map((at) => ({ person: known, box: at }));
  const names = [{ event: id }, ...ofPerson].map((erased) => erasedName(erased, key));
  // What was received while the clock was ahead is erased though it seems to have happened later.
  return { id, names, since: Math.min(timestamp, Date.parse(receivedAt), now) };
}

/** Those of the events that an erasure of these takes, if they are gone. */
export function erasedAmong(went: Iterable<Went>, erased: readonly ImportedErasure[]): string[] {
  if (erased.length === 0) return [];
  const times = new Map(erased.map(({ name, at }) => [name, at]));
  const isErased = ({ names, since }: Went) =>
    names.some((name) => (times.get(name) ?? Number.NEGATIVE_INFINITY) + maxWaitMs >= since);
  const ids: string[] = [];
  for (const event of went) if (isErased(event)) ids.push(event.id);
  return ids;
}
