import type { JobRequest } from "./job.ts";

/** How many jobs there may be, for another one to be created. */
export interface JobRoom {
  /** Of the key that asks, those that have not ended: so nobody keeps others out. */
  ofKey: number;
  /** The same of all keys together; null where those of others do not count. */
  inAll: number | null;
  /**
   * What the key may ask for in a day (UTC), whatever became of it; null for any number. Each job is a row for a month, and
   * two entries of the audit log for years.
   */
  aDay: number | null;
}

/** Why there is no room for another job. */
export type NoRoom = "key-is-full" | "all-is-full" | "day-is-full";

/** What became of the wish to create a job. */
export type Admission = "created" | NoRoom;

/** What there is beside another job of a key. */
interface JobsThere {
  unended: readonly { by: string }[];
  /** How many the key has asked for today. */
  today: number;
}

const ofKey = 10;
const inAll = 50;

/** Of all, what only jobs of admin keys may use. */
const keptForAdmins = 10;

const aDayOfReadKey = 200;

/** The room for a job. An erasure is a duty: no job of another key keeps it out. */
export function roomFor(kind: JobRequest["kind"], scope: string): JobRoom {
  const aDay = scope === "admin" ? null : aDayOfReadKey;
  if (kind === "erase") return { ofKey, inAll: null, aDay };
  return { ofKey, inAll: scope === "admin" ? inAll : inAll - keptForAdmins, aDay };
}

/** Why there is no room for another job of a key; null where there is. */
export function lackOfRoom({ unended, today }: JobsThere, by: string, room: JobRoom): NoRoom | null {
  if (unended.filter((job) => job.by === by).length >= room.ofKey) return "key-is-full";
  if (room.inAll !== null && unended.length >= room.inAll) return "all-is-full";
  return room.aDay !== null && today >= room.aDay ? "day-is-full" : null;
}

const dayMs = 24 * 60 * 60 * 1000;

/** The day (UTC) that a time (ms) is in, counted from 1970. */
export function dayOf(time: number): number {
  return Math.floor(time / dayMs);
}

/** ms until the next day (UTC) begins. */
export function untilNextDay(time: number): number {
  return (dayOf(time) + 1) * dayMs - time;
}
