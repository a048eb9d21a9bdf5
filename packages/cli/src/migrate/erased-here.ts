import type { KeyObject } from "node:crypto";
import { erasedName } from "@gatepost/core/erasure";
import type { ImportedErasure, ImportedEvent } from "@gatepost/core/imports";
import { dayMs, knownPerson, merge } from "@gatepost/protocol";
import type { Went } from "./progress.ts";

/** ms for which an erasure may wait in the queue. It erases what came meanwhile, but has the time of its request. */
const maxWaitMs = dayMs;

/** What is noted of an event that is sent now: the names under which an erasure finds it, and its earliest time. */
export function wentOf({ reports, ...event }: ImportedEvent, key: KeyObject, now: number): Went {
  const { id, box } = event;
  const { person, timestamp, receivedAt } = merge({
    ...event,
    reports: reports.map(({ report }) => report),
    actions: [],
  });
  const known = knownPerson(person);
  const ofPerson = known === null ? [] : [box, null].map((at) => ({ person: known, box: at }));
  const names = [{ event: id }, ...ofPerson].map((erased) => erasedName(erased, key));
  // With a clock that was ahead, an event may seem to be later than its erasure: so now counts, too.
  return { id, names, since: Math.min(timestamp, Date.parse(receivedAt), now) };
}

/** The ids of the events that these erasures cover. */
export function erasedAmong(went: Iterable<Went>, erased: readonly ImportedErasure[]): string[] {
  if (erased.length === 0) return [];
  const times = new Map(erased.map(({ name, at }) => [name, at]));
  const isErased = ({ names, since }: Went) =>
    names.some((name) => (times.get(name) ?? Number.NEGATIVE_INFINITY) + maxWaitMs >= since);
  const ids: string[] = [];
  for (const event of went) if (isErased(event)) ids.push(event.id);
  return ids;
}
