import { dayMs, hourMs } from "@gatepost/protocol";
import type { Page, PageRequest } from "../lists/page.ts";
import type { AuditEntry, AuditHead, AuditRecord } from "./entry.ts";

/** Entries are kept for three years. */
export const auditKeptMs = 3 * 366 * dayMs;

/** ms for which a sign-in of a key from an address is not noted again. */
export const signInEveryMs = hourMs;

/** The audit log: a chain of entries that is only appended to. */
export interface AuditLog {
  /**
   * Appends an entry, which is durable when it resolves, with its number. If several writers append at once, each gets
   * a different number. Throws if it could not be appended.
   */
  note(entry: AuditEntry): Promise<number>;
  /** Notes a sign-in, unless one of this key from this address was noted within an hour. */
  noteSignIn(signIn: { by: string; from: string | null }): Promise<void>;
  /**
   * Appends an entry, unless one of this name was appended within an hour: so no client can fill the log. Never throws:
   * a failure is logged.
   */
  noteRarely(name: string, entry: AuditEntry): Promise<void>;
  /**
   * Counts pictures that an account or key has read. The count of an hour joins the chain as one entry after the hour has ended.
   * Never throws: a failure is logged, and does not prevent showing the pictures.
   */
  countPictures(keyId: string, pictures: number): Promise<void>;
}

/** The entries that are listed; an absent member allows all. */
export interface AuditFilter {
  /** From `from` (included) to `to` (not), ms since 1970. */
  from?: number | undefined;
  to?: number | undefined;
  /** The id of the key or account. */
  by?: string | undefined;
  actions?: readonly AuditEntry["action"][] | undefined;
  outcomes?: readonly AuditEntry["outcome"][] | undefined;
  /** Entries about any of these boxes, or about the site. */
  of?: { site: string; boxes: readonly string[] } | undefined;
}

export interface AuditReader {
  /** Newest first. A page of a filter that few entries match may be short and still have a `next`. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>>;
  /** The end of the chain; null if it has no entry. */
  head(): Promise<AuditHead | null>;
}

/** The entry for the pictures that a key has read in an hour. `hour` counts from 1970. */
export function picturesRead(by: string, hour: number, count: number): AuditEntry {
  const about = { hour: new Date(hour * hourMs).toISOString(), count };
  return { action: "pictures-read", outcome: "done", by, from: null, about };
}

/** The hour that a time (ms) is in, counted from 1970. */
export function hourOf(time: number): number {
  return Math.floor(time / hourMs);
}
