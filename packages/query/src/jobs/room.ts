import type { JobRequest } from "./job.ts";

/** How many jobs that have not ended there may be, for another one to be created. */
export interface JobRoom {
  /** Of the key that asks: so nobody keeps others out. */
  ofKey: number;
  /** Of all keys together; null where those of others do not count. */
  inAll: number | null;
}

/** What became of the wish to create a job. */
export type Admission = "created" | "key-is-full" | "all-is-full";

const ofKey = 10;
const inAll = 50;

/** Of all, what only jobs of admin keys may use. */
const keptForAdmins = 10;

/** The room for a job. An erasure is a duty: no job of another key keeps it out. */
export function roomFor(kind: JobRequest["kind"], scope: string): JobRoom {
  if (kind === "erase") return { ofKey, inAll: null };
  return { ofKey, inAll: scope === "admin" ? inAll : inAll - keptForAdmins };
}

/** Whether there is room for another job of a key, beside those that have not ended. */
export function admission(unended: readonly { by: string }[], by: string, room: JobRoom): Admission {
  if (unended.filter((job) => job.by === by).length >= room.ofKey) return "key-is-full";
  return room.inAll !== null && unended.length >= room.inAll ? "all-is-full" : "created";
}
