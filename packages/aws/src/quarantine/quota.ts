import type { QuarantineSize } from "@gatepost/core/quarantine";
import { asRead, type Change, type Item, placeAt } from "@gatepost/store";
import { numberOf, textOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { sha256Of } from "../s3/objects.ts";

/*
 * The records of a box in quarantine are counted in one row, by the hour in which they expire: `r_495000` records with
 * `b_495000` bytes expire at the beginning of that hour since 1970. An hour that has begun is not counted any more. So
 * no process has to subtract what DynamoDB deletes, and a count that is wrong because a process ended too early is
 * right again in the end.
 */

const secondsPerHour = 60 * 60;

/** Most hours that one write removes: DynamoDB accepts expressions of 4 KB. */
const maxPruned = 40;

/**
 * The expiry (seconds since 1970) of a record that must expire by a time (ms since 1970): the beginning of that hour.
 */
export function expiryBy(time: number): number {
  const hour = Math.floor(time / (secondsPerHour * 1000));
  return hour * secondsPerHour;
}

/** Adds to the counts of a box. A box from which a record was ever dropped is in the list of counts. */
export function addToQuota(
  box: string,
  { ttl, records, bytes, dropped }: QuarantineSize & { ttl: number; dropped?: 1 },
): Change {
  const hour = ttl / secondsPerHour;
  const listed = dropped === undefined ? {} : { byBox: lists.quarantineCounts, at: placeAt(0, sha256Of(box)) };
  return {
    pk: `quarantine ${box}`,
    setIfAbsent: { box, ...listed },
    add: { [`r_${hour}`]: records, [`b_${hour}`]: bytes, ...(dropped && { dropped }) },
  };
}

/** The size of the records that have not expired. */
export function sizeAt(row: Item, now: number): QuarantineSize {
  const live = hoursOf(row).filter((hour) => !hasBegun(hour, now));
  const sum = (name: "r" | "b") => live.reduce((all, hour) => all + numberOf(row, `${name}_${hour}`), 0);
  return { records: sum("r"), bytes: sum("b") };
}

/**
 * Removes expired or empty hours from the row; null if there is none. DynamoDB refuses it if one of them is counted
 * again meanwhile.
 */
export function pruneQuota(row: Item, now: number): Change | null {
  const isOver = (hour: string) => hasBegun(hour, now) || (row[`r_${hour}`] === 0 && row[`b_${hour}`] === 0);
  const names = hoursOf(row)
    .filter(isOver)
    .slice(0, maxPruned)
    .flatMap((hour) => [`r_${hour}`, `b_${hour}`]);
  if (names.length === 0) return null;
  return {
    pk: textOf(row, "pk"),
    remove: names,
    when: asRead(row, names),
  };
}

function hoursOf(row: Item): string[] {
  return Object.keys(row).flatMap((name) => /^r_(\d+)$/.exec(name)?.[1] ?? []);
}

function hasBegun(hour: string, now: number): boolean {
  return Number(hour) * secondsPerHour * 1000 <= now;
}
