import { isCoveredByTime } from "@gatepost/core/erasure";
import {
  comparable,
  isUsableTime,
  type LocatedPicture,
  merge,
  monthOf,
  personKey,
  picturesOfReport,
  type Report,
} from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { chunk } from "../dynamo/groups.ts";
import { isExpired, textOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardFor } from "../dynamo/lists.ts";
import { timeOf } from "../dynamo/monotonic-clock.ts";
import { queryShards, type ShardedRange } from "../dynamo/query-shards.ts";
import { changeIn, eventOf, firstMonthOf } from "../events/row.ts";
import type { EventErased } from "../pictures/erasure-work.ts";
import { objectKey, sharedKey } from "../pictures/keys.ts";
import { eventOfRef, firstRefs, type PictureRef, refsIn } from "../pictures/refs.ts";

/*
 * What an erasure asks of the row of an event. An unreadable row must not escape it: its index keys are used, and it
 * counts as existing, and as made before the erasure.
 */

/** The reason why the row of an event cannot be read; null if it can. */
export function faultOf(row: Item): unknown {
  try {
    merge(eventOf(row));
    changeIn(row);
    isExpired(row, 0);
    return null;
  } catch (fault) {
    return fault;
  }
}

/**
 * Whether the row is about a known person with this id, and was written before a sequence or has a passing that was
 * erased.
 */
export function isOfPerson(
  row: Item,
  { person, before, erasedAt }: { person: string; before: string; erasedAt?: number },
): boolean {
  if (faultOf(row) !== null) {
    return row["byPerson"] === shardFor(lists.ofPerson(comparable(person)), textOf(row, "pk"));
  }
  const isMeant = changeIn(row).made < before || (erasedAt !== undefined && happenedBy(row, erasedAt));
  return isMeant && personKey(merge(eventOf(row)).person) === comparable(person);
}

/** Whether the passing or its receipt was at or before a time (ms). A broken row counts as if it was. */
function happenedBy(row: Item, time: number): boolean {
  if (faultOf(row) !== null) return true;
  const { timestamp, receivedAt } = merge(eventOf(row));
  return Math.min(timestamp, Date.parse(receivedAt)) <= time;
}

/** Whether the time of a repeat would show that it is from before `latest` (ms). */
export function isCovered(row: Item, latest: number): boolean {
  return faultOf(row) === null && eventOf(row).reports.every((report) => isCoveredByTime(report, latest));
}

/** Whether the box says, by a clock that is not ahead, that the passing was after `at` (ms). */
export function happenedAfter(row: Item, at: number): boolean {
  const isAfter = ({ time, receivedAt }: Report) =>
    time !== undefined && isUsableTime(time, receivedAt) && at < time && time <= receivedAt;
  return faultOf(row) === null && eventOf(row).reports.every(isAfter);
}

/** How many actions of an event still have to be announced. */
export function pendingIn(row: Item): number {
  return faultOf(row) === null ? eventOf(row).actions.filter(({ state }) => state === "pending").length : 0;
}

/** The pictures that an event shows. */
export function picturesIn(row: Item): LocatedPicture[] {
  const { id, reports } = eventOf(row);
  return reports.flatMap((report) => picturesOfReport(id, report));
}

/** How many pictures only this event has. */
export function ownPicturesIn(row: Item): number {
  const all = faultOf(row) === null ? picturesIn(row) : [];
  const ownPictures = all.filter((picture) => objectKey(picture) !== sharedKey(picture));
  return new Set(ownPictures.map(({ kind, sha256 }) => `${kind} ${sha256}`)).size;
}

export function isLive(row: Item, now: number): boolean {
  return faultOf(row) !== null || !isExpired(row, now);
}

/**
 * The shared pictures of an event. A picture also counts if the event shows a better one of another report. For a
 * broken row: the picture with which it was written. Its other pictures have their own rows.
 */
export function refsOf(row: Item): PictureRef[] {
  const reports = faultOf(row) === null ? eventOf(row).reports : [];
  const all = [...reports.flatMap(refsIn), ...firstRefs(row)];
  return [...new Map(all.map((ref) => [sharedKey(ref), ref])).values()];
}

/** Where objects of an event may be: since which month, and under which other event. */
export function objectsOf(row: Item): Pick<EventErased, "from" | "firstFace"> {
  const { twin } = row;
  return { from: firstMonthIn(row), ...(typeof twin === "string" ? { firstFace: twin } : {}) };
}

/** No event was received before. */
const firstMonth = "2026-01";

/** For a broken row: the month of the first receipt that any text in it names. */
function firstMonthIn(row: Item): string {
  if (faultOf(row) === null) return firstMonthOf(row);
  const texts = Object.entries(row).flatMap(([name, value]) => (name.startsWith("r_") ? [String(value)] : []));
  const received = [...texts.join().matchAll(/"receivedAt":(\d{1,13})\b/g)].map(([, at]) => Number(at));
  const times = [...received, timeOf(String(row["made"]))].filter(Number.isFinite);
  return times.length === 0 ? firstMonth : monthOf(Math.min(...times));
}

/** How many rows are read at once. */
const batchSize = 25;

/** The rows of the events in a list, in batches. */
export async function* rowsOf(dynamo: Dynamo, range: ShardedRange): AsyncGenerator<Item[]> {
  for await (const group of chunk(queryShards(dynamo, range), () => batchSize)) {
    const rows = await dynamo.getAll(group.map(({ pk }) => eventOfRef(pk)));
    yield [...rows.values()];
  }
}

/** Whether an event exists and has not expired. */
export async function isThere(event: string, { dynamo, clock }: { dynamo: Dynamo; clock(): number }): Promise<boolean> {
  const row = await dynamo.get(event);
  return row !== null && isLive(row, clock());
}
