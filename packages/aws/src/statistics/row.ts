import { dayMs, parseStored, storedJson } from "@gatepost/protocol";
import { type Item, placeAt, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { shardFor } from "../dynamo/lists.ts";
import { sha256Of } from "../s3/objects.ts";
import { DayCounts, dayText, deviceText } from "./day-counts.ts";

/** The name of the rows with the sums over all boxes. No box has this name. */
export const allBoxes = "*";

const flagged = z.record(
  z.string(),
  z.object({
    halfHours: z.record(z.string(), z.number()),
    latest: z.nullable(z.object({ id: z.string(), at: z.number() })),
  }),
);

const countsRow = z.object({
  box: z.string(),
  day: z.number(),
  counts: z.string().check(z.regex(dayText)),
  devices: z.optional(storedJson(z.record(z.string(), z.string().check(z.regex(deviceText))))),
  flags: z.optional(storedJson(flagged)),
  marks: storedJson(z.record(z.string(), z.string())),
  rev: z.number(),
});

/** The counts of a box on a day (UTC, days since 1970), and which records of the table's stream are in them. */
export interface CountsRow {
  box: string;
  day: number;
  counts: DayCounts;
  /**
   * For each shard of the stream, the last sequence number that is counted. A shard that is counted to its end is left
   * out.
   */
  marks: ReadonlyMap<string, string>;
  /** Rises with each write; 0 if there is no row yet. */
  rev: number;
}

export function countsKey(box: string, day: number): string {
  return `counts ${box} ${new Date(day * dayMs).toISOString().slice(0, 10)}`;
}

/** The list of the rows of a day, without the row of all boxes. */
export function countsOfDay(day: number): string {
  return `counts ${day}`;
}

/** Throws an error with the key of the row if it is broken. */
export function countsIn(row: Item): CountsRow {
  const { counts, devices = {}, flags = {}, marks, ...facts } = parseStored(countsRow, row, String(row["pk"]));
  return { ...facts, counts: DayCounts.parse(counts, { devices, flags }), marks: new Map(Object.entries(marks)) };
}

/** @param keptMs ms from the end of its day to the expiry of a row */
export function countsItem({ box, day, counts, marks, rev }: CountsRow, keptMs: number): Item {
  const [devices, flags] = [counts.devices(), counts.flags()];
  const pk = countsKey(box, day);
  return {
    pk,
    box,
    day,
    rev,
    counts: counts.text(),
    marks: JSON.stringify(Object.fromEntries(marks)),
    ttl: ttlAt((day + 1) * dayMs + keptMs),
    ...(Object.keys(devices).length === 0 ? {} : { devices: JSON.stringify(devices) }),
    ...(Object.keys(flags).length === 0 ? {} : { flags: JSON.stringify(flags) }),
    // The index key never changes, so only the first write of a day also writes the index.
    ...(box === allBoxes ? {} : { byTime: shardFor(countsOfDay(day), pk), at: placeAt(0, sha256Of(box)) }),
  };
}
