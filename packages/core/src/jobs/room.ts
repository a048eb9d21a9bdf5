import { dayMs } from "@gatepost/protocol";
import * as z from "zod/mini";
import { hasEnded, type JobKind, ownJobs, resultLifetimeMs, type StoredJob } from "./job.ts";

const gigabyte = 1024 ** 3;

/** The limits that allow another job to be created. */
export interface JobRoom {
  /** Jobs of the asking key that have not ended, so that one key cannot use all room. */
  ofKey: number;
  /** The same of all keys together; null if other keys' jobs do not count. */
  inAll: number | null;
  /**
   * Jobs that the key may request in a day (UTC); null for any number. Each job is a row for a month, and two entries
   * of the audit log for years.
   */
  aDay: number | null;
  /** The limits of kept exports, of the key and of all keys, at which another is refused; null for any amount. */
  results: { ofKey: number; bytesOfKey: number; bytesInAll: number | null } | null;
}

/** Why there is no room for another job. */
export type NoRoom = "key-is-full" | "all-is-full" | "day-is-full" | "results-of-key" | "results-of-all";

/** The result of a request to create a job. */
export type Admission = "created" | NoRoom;

/** The result of an export that is kept. */
export interface KeptResult {
  id: string;
  by: string;
  bytes: number;
  /** When (ms) it is gone. */
  until: number;
}

/** The existing jobs and results. */
interface JobsThere {
  unended: readonly { by: string }[];
  kept: readonly Pick<KeptResult, "by" | "bytes">[];
  /** How many the key has asked for today. */
  today: number;
}

const ofKey = 10;
const inAll = 50;

/** The part that only jobs of admin keys may use. */
const keptForAdmins = 10;

const aDayOfReadKey = 200;

/** Results of one key, and bytes of the results of all keys, beyond which read keys get no other one. */
const resultsOfKey = 50;
const bytesInAll = 100 * gigabyte;

/** Bytes of results that a key may have at the same time, including results that are being written. */
export const maxKeptBytes = 20 * gigabyte;

/** The room for a job. An erasure is a duty: no job of another caller keeps it out. */
export function roomFor(kind: JobKind, { isAdministrator: isAdmin }: { isAdministrator: boolean }): JobRoom {
  const results = { ofKey: resultsOfKey, bytesOfKey: maxKeptBytes, bytesInAll: isAdmin ? null : bytesInAll };
  return {
    ofKey,
    inAll: kind === "erase" ? null : inAll - (isAdmin ? 0 : keptForAdmins),
    aDay: isAdmin ? null : aDayOfReadKey,
    results: kind === "export" ? results : null,
  };
}

/** The jobs that have not ended, and the results that are kept. */
export function jobsThere(open: readonly StoredJob[], now: number): Pick<JobsThere, "unended" | "kept"> {
  const unended = open.filter((job) => !hasEnded(job) && job.by !== ownJobs);
  return { unended, kept: keptResults(open, now) };
}

/** Why there is no room for another job of a key; null if there is. */
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
  const ownResults = kept.filter((one) => one.by === by);
  const bytesOf = (some: JobsThere["kept"]) => sum(some.map(({ bytes }) => bytes));
  if (ownResults.length >= results || bytesOf(ownResults) >= bytesOfKey) return "results-of-key";
  return inAllBytes !== null && bytesOf(kept) >= inAllBytes ? "results-of-all" : null;
}

/** A result whose bytes are not known counts as empty. */
const sized = z.catch(z.object({ bytes: z.number() }), { bytes: 0 });

/** The kept results of exports among some jobs, in the order of their expiry. */
export function keptResults(jobs: readonly StoredJob[], now: number): KeptResult[] {
  return jobs
    .filter((job) => job.asked.kind === "export" && hasEnded(job) && job.result !== null)
    .map(({ id, by, result, endedAt }) => {
      return { id, by, bytes: z.parse(sized, result).bytes, until: (endedAt ?? 0) + resultLifetimeMs };
    })
    .filter(({ until }) => now < until)
    .sort((one, other) => one.until - other.until);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** The day (UTC) that a time (ms) is in, counted from 1970. */
export function dayOf(time: number): number {
  return Math.floor(time / dayMs);
}

/** ms until the next day (UTC) begins. */
export function untilNextDay(time: number): number {
  return (dayOf(time) + 1) * dayMs - time;
}
