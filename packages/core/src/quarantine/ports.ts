import { dayMs, type Json, type JsonObject, type Passing } from "@gatepost/protocol";
import type { Page, PageRequest } from "../lists/page.ts";

/** ms for which a replayed record is set aside, so that its replay can be undone. */
export const undoableMs = 7 * dayMs;

/** An authenticated report, or a part of one, that was not understood or could not be stored as an event completely. */
export interface QuarantineRecord {
  /** Equal for equal content of one box, so a repeated report is kept once. */
  id: string;
  box: string;
  /** The path without the key. */
  path: string;
  reason: string;
  /** ms since 1970. */
  receivedAt: number;
  headers: Record<string, string>;
  body: Uint8Array;
  /** The event that was made from the readable part. */
  event: { id: string; fingerprint: string } | null;
  /**
   * The ids of the events from the other reports of a batch that is kept as a whole. It is written and never read: an
   * erasure of one of these events removes the record.
   */
  eventsOfBatch?: readonly string[];
  /** The shape of a report of which no format is known. No read returns it: the store decides by it what goes first. */
  shape?: RecordShape;
  /** The key that delivered a long batch, if its rate is limited. A store on one machine does not keep it: the job has it. */
  key?: LimitedKey;
}

/** What reports that a sender repeats with other values have in common. */
export interface RecordShape {
  /** A name for their members. */
  name: string;
  /** Whether a time and a person were found in the report: such a shape gives up its records last. */
  isPassing: boolean;
}

/** A body by which a format is taught: a kept one, or one that was sent for that. */
export type TaughtBody = Pick<QuarantineRecord, "box" | "path" | "headers" | "receivedAt" | "body">;

/** The values of such a body. Pictures in other parts of a form are in the places that name them. */
export interface DecodedBody {
  values: JsonObject[];
  /** Why there are none; null if there are. */
  unreadable: string | null;
  /** The time zone of the box; null if none is known. */
  zone: string | null;
}

/** What a report of such a body becomes by a mapping. Nothing of it is stored. */
export type TriedReport =
  | { passing: Pick<Passing, "eventId" | "report" | "pictures"> }
  | { sign: string }
  /** `value`: the report, with the list in which it was found; null if it cannot be read. */
  | { unreadable: string; value: Json };

/** A key whose rate is limited: reports a second, and at once. All of its limits are counted together. */
export interface LimitedKey {
  id: string;
  rate: { perSecond: number; burst: number };
  dailyBytes?: number;
}

/**
 * The reason of a record that is a long batch, or the rest of one, and waits for its job. Such a record does not count towards
 * the limit of its box, and is never removed to make room.
 */
export const batchTooLong = "batch-too-long";

/** The reason of such a record after its job has ended without it. It counts as any other record. */
export const batchNotReplayed = "batch-not-replayed";

export interface Quarantine {
  /**
   * Resolves once the record is durable. If the record exists already, only its reason and event are replaced, and
   * further events of its batch are added. An expired record is treated as missing. Each box has a limit: beyond it, the
   * shape with most records gives up its own, from the middle, one with a time and a person last; they are counted.
   * Throws 503 if too many long batches of the box wait for their jobs.
   */
  put(record: QuarantineRecord): Promise<void>;
}

export interface QuarantineReader extends Quarantine {
  /** Without their bodies: of one box, of several, or of all (null). */
  list(
    of: string | readonly string[] | null,
    page: PageRequest,
    which?: WhichRecords,
  ): Promise<Page<Omit<QuarantineRecord, "body"> & { bytes: number }>>;
  /**
   * All records of several boxes, or of all (null), by reason, box and path. A store that has to look at each stops at
   * the newest 10,000; then the groups are not exact.
   */
  groups(of: readonly string[] | null): Promise<{ groups: QuarantineGroup[]; isExact: boolean }>;
  get(id: string): Promise<QuarantineRecord | null>;
  /** Whether no long batch of the same box waits for longer than this record. */
  isNext(id: string): Promise<boolean>;
  remove(id: string): Promise<void>;
  /**
   * Sets a record aside: it is treated as missing until it is put back, and removed at a time. An erasure of one of its
   * events removes it, too.
   */
  setAside(id: string, how: SetAside): Promise<void>;
  /** Lists these records without their bodies, in this order: all that are set aside. */
  listAside(records: readonly WhereAside[]): Promise<(Omit<QuarantineRecord, "body"> & { bytes: number })[]>;
  /** A record that is set aside, as it was before; null if there is none. */
  getAside(record: WhereAside): Promise<QuarantineRecord | null>;
  /** Puts back a record that was set aside. Returns whether it is in quarantine now. */
  putBack(record: WhereAside): Promise<boolean>;
  /** How many records there are of these events. */
  countOf(events: readonly string[]): Promise<number>;
  /** How many records were removed because quarantine was full, by box, since the store was made. */
  dropped(): Promise<Record<string, number>>;
}

/** Which records are listed, and how. */
export interface WhichRecords {
  reason?: string;
  path?: string;
  /** By their time; newest first if absent. */
  order?: "ascending" | "descending";
}

/** A record that was set aside, by what its replay noted of it. */
export type WhereAside = Pick<QuarantineRecord, "id" | "receivedAt">;

export interface SetAside {
  /** The ids of the events that were made of it. */
  events: readonly string[];
  /** When it is removed, ms since 1970, unless it expires before. */
  until: number;
}

/** A report to share, with another value in the place of each. */
export interface QuarantineSample extends Pick<QuarantineRecord, "path" | "headers" | "body"> {
  /** The values that stayed, because they name no one: to be looked at before the sample is shared. */
  kept: readonly string[];
}

export interface QuarantineLinks {
  /** A URL for the body of a record that needs no key, valid until `expires` (ISO instant). */
  link(record: Pick<QuarantineRecord, "id" | "box" | "receivedAt">): Promise<{ url: string; expires: string }>;
}

/** Finishes batches that take too long to be recorded before their answer. */
export interface LongBatches {
  /** Values after which the rest of a batch waits. Infinity if only the time of a request is limited. */
  maxValues: number;
  /** Starts a job that replays a waiting record. Resolves once the job is durable. */
  replayLater(record: Pick<QuarantineRecord, "id" | "box" | "key">): Promise<void>;
}

/** Records of one reason, box and path. */
export interface QuarantineGroup {
  reason: string;
  box: string;
  path: string;
  count: number;
  /** How many others of these shapes were removed because quarantine was full: as far as those that are here know. */
  dropped: number;
  bytes: number;
  /** ISO instants of the oldest and the newest. */
  first: string;
  last: string;
}
