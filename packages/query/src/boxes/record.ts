import * as z from "zod/mini";
import { activitySchema } from "./activity.ts";

/* What is stored of a box. */

const time = z.int();

const stateSchema = z.object({
  /** Since when it is silent: its last sign of life, ms. Null where it is not. */
  silentSince: z.nullable(time),
  /** Whether that is on the bus, or will be. */
  isAnnounced: z.boolean(),
  /** When it was heard again after it was silent last. */
  recoveredAt: z.nullable(time),
  /** When to look at it again; null while it is silent. */
  lookAt: z.nullable(time),
});
export type State = z.output<typeof stateSchema>;

/** An entry that is to be put on the bus. */
const announcementSchema = z.object({
  type: z.enum(["silent", "recovered"]),
  /** Null where it is about the box itself. */
  device: z.nullable(z.string()),
  since: time,
  /** When it became silent or was heard again. */
  at: time,
});
export type Announcement = z.output<typeof announcementSchema>;

export const boxRecordSchema = z.object({
  box: z.string(),
  /** Null before the first sign. */
  activity: z.nullable(activitySchema),
  ...stateSchema.shape,
  /** The states of its devices. */
  devices: z.record(z.string(), stateSchema),
  /** In the order in which they are to be put on the bus. */
  announcements: z.array(announcementSchema),
  /** Until then a process is putting them on the bus, ms. */
  leasedUntil: time,
  /** What a person has set. */
  site: z.nullable(z.string()),
  afterMs: z.nullable(time),
  isExpected: z.boolean(),
});
export type BoxRecord = z.output<typeof boxRecordSchema>;

/** The state of a box or device that gave signs of life and was never looked at. */
export const heard: State = { silentSince: null, isAnnounced: false, recoveredAt: null, lookAt: null };

/** The record of a box of which nothing is known. */
export function newRecord(box: string): BoxRecord {
  return {
    ...{ box, activity: null, ...heard, devices: {}, announcements: [], leasedUntil: 0 },
    ...{ site: null, afterMs: null, isExpected: false },
  };
}

/** When a box is to be looked at again; null while it is silent and announced, and before its first sign. */
export function lookAtOf(record: BoxRecord): number | null {
  const isWatched = record.silentSince === null && record.activity !== null;
  const states = isWatched ? [record, ...Object.values(record.devices)] : [];
  const times = states.flatMap(({ lookAt }) => lookAt ?? []);
  if (record.announcements.length > 0) times.push(record.leasedUntil);
  return times.length === 0 ? null : Math.min(...times);
}
