import { countedOf, halfHourOf } from "@gatepost/core/statistics";
import { halfHourMs } from "@gatepost/core/zones";
import { dayMs, type FaceEvent, merge } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import { textOf } from "../dynamo/item.ts";
import { eventOf } from "../events/row.ts";
import { anyFlag, type DayCounts, halfHoursOfDay } from "./day-counts.ts";
import { allBoxes } from "./row.ts";
import type { StreamRecord } from "./stream-batch.ts";

/** What one record of the stream changes in the counts of one box and day. */
export interface Move {
  sequence: string;
  box: string;
  day: number;
  apply(counts: DayCounts): void;
}

/**
 * The changes of counts for a change of a row. A new event is counted. A changed event is counted in its new place, and
 * no longer in its old one. A removed event stays counted, but its flags do not: they count only existing events.
 */
export function movesOf({ sequence, before, after }: StreamRecord): Move[] {
  const [old, now] = [eventIn(before), eventIn(after)];
  // An event that replaced an expired one is new.
  const isSame = before?.["made"] === after?.["made"];
  const changes = [
    ...(old === null ? [] : changesOf(old, -1, { isCounted: now !== null && isSame })),
    ...(now === null ? [] : changesOf(now, 1, { isCounted: true })),
  ];
  if (old !== null && now !== null && isSame && countsSame(old, now)) return [];
  return changes.map((change) => ({ sequence, ...change }));
}

function eventIn(row: Item | undefined): FaceEvent | null {
  return row === undefined || !textOf(row, "pk").startsWith("evt_") ? null : merge(eventOf(row));
}

function changesOf(event: FaceEvent, by: 1 | -1, { isCounted }: { isCounted: boolean }): Omit<Move, "sequence">[] {
  const counted = countedOf(event);
  if (counted === null) return [];
  const { id, timestamp, flags } = event;
  if (!isCounted && flags.length === 0) return [];
  const day = Math.floor(counted.start / dayMs);
  const halfHour = (counted.start / halfHourMs) % halfHoursOfDay;
  const flagged = { halfHour, id, at: timestamp };
  const count = (counts: DayCounts, bucket: number | null) => {
    if (isCounted) counts.add({ halfHour, type: counted.type, bucket }, by);
    if (flags.length > 0) counts.addFlag(anyFlag, flagged, by);
  };
  return [
    {
      box: event.box.id,
      day,
      apply(counts) {
        count(counts, counted.bucket);
        if (isCounted) counts.addDevice(counted.device, { halfHour, type: counted.type }, by);
        for (const flag of flags) counts.addFlag(flag, flagged, by);
      },
    },
    { box: allBoxes, day, apply: (counts) => count(counts, null) },
  ];
}

/** Whether nothing that is counted has changed, for example because only an action or a picture changed. */
function countsSame(old: FaceEvent, now: FaceEvent): boolean {
  const sign = (event: FaceEvent) =>
    JSON.stringify([
      halfHourOf(event.timestamp),
      countedOf(event),
      event.flags,
      event.flags.length > 0 && event.timestamp,
    ]);
  return sign(old) === sign(now);
}
