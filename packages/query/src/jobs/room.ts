import { dayMs } from "@gatepost/protocol";
import { hasEnded, type Job, type JobRequest, ownJobs } from "./job.ts";
import { type KeptResult, keptResults, maxKeptBytes, sum } from "./kept-results.ts";

/** The limits that allow another job to be created. */
export interface JobRoom {
  /** Jobs of the asking key that have not ended, so that one key cannot use all room. */
  ofKey: number;
  /** The same of all keys together; null where other keys' jobs do not count. */
  inAll: number | null;
  /**
   * Jobs that the key may request in a day (UTC); null for any number. Each job is a row for a month, and two entries
   * of the audit log for years.
   */
  aDay: number | null;
  /** What is kept of the key's exports, and of those of all keys, before it may ask for another; null for any amount. */
  results: { ofKey: number; bytesOfKey: number; bytesInAll: number | null } | null;
}

/** Why there is no room for another job. */
export type NoRoom = "key-is-full" | "all-is-full" | "day-is-full" | "results-of-key" | "results-of-all";

/** The result of a request to create a job. */
export type Admission = "created" | NoRoom;

/** The existing jobs and results. */
interface JobsThere {
  unended: readonly { by: string }[];
  kept: readonly Pick<KeptResult, "by" | "bytes">[];
  /** How many the key has asked for today. */
  today: number;
}

const ofKey = 10;
const inAll = 50;

/** Of all, what only jobs of admin keys may use. */
const keptForAdmins = 10;

const aDayOfReadKey = 200;

/** Results of one key, and bytes of those of all keys, beyond which read keys get no other one. */
const resultsOfKey = 50;
const bytesInAll = 100 * 1024 ** 3;

/** The room for a job. An erasure is a duty: no job of another key keeps it out. */
export function roomFor(kind: JobRequest["kind"], scope: string): JobRoom {
  const isAdmin = scope === "admin";
  const results = { ofKey: resultsOfKey, bytesOfKey: maxKeptBytes, bytesInAll: isAdmin ? null : bytesInAll };
  return {
    ofKey,
    inAll: kind === "erase" ? null : inAll - (isAdmin ? 0 : keptForAdmins),
    aDay: isAdmin ? null : aDayOfReadKey,
    results: kind === "export" ? results : null,
  };
}

/** What there is of jobs that have not ended, or have a result. */
export function jobsThere(open: readonly Job[], now: number): Pick<JobsThere, "unended" | "kept"> {
  const unended = open.filter((job) => !hasEnded(job) && job.by !== ownJobs);
  return { unended, kept: keptResults(open, now) };
}

/** The room for a job that no key asked for. */
export const unlimitedRoom: JobRoom = { ofKey: Number.POSITIVE_INFINITY, inAll: null, aDay: null, results: null };

/** Why there is no room for another job of a key; null where there is. */
export function lackOfRoom({ unended, kept, today }: JobsThere, by: string, room: JobRoom): NoRoom | null {
  if (unended.filter((job) => job.by === by).length >= room.ofKey) return "key-is-full";
  if (room.inAll !== null && unended.length >= room.inAll) return "all-is-full";
  if (room.aDay !== null && today >= room.aDay) return "day-is-full";
  return room.results === null ? null : lackOfResults(kept, by, room.results);
}

function lackOfResults(
  kept: JobsThere["kept"],
  by: string,
  { ofKey: results, bytesOfKey, bytesInAll: inAllBytes }: NonNullable<JobRoom["results"]>,
): NoRoom | null {
  const own = kept.filter((one) => one.by === by);
  const bytesOf = (some: JobsThere["kept"]) => sum(some.map(({ bytes }) => bytes));
  if (own.length >= results || bytesOf(own) >= bytesOfKey) return "results-of-key";
  return inAllBytes !== null && bytesOf(kept) >= inAllBytes ? "results-of-all" : null;
}

/** The day (UTC) that a time (ms) is in, counted from 1970. */
export function dayOf(time: number): number {
  return Math.floor(time / dayMs);
}

/** ms until the next day (UTC) begins. */
export function untilNextDay(time: number): number {
  return (dayOf(time) + 1) * dayMs - time;
}
