import type { DatabaseSync, StatementSync } from "node:sqlite";
import { GatepostError } from "@gatepost/ingest";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const digits = 16;

/** More than a process can give between two syncs of the disk. */
const revisionsAStart = 1_000_000;

const lastRevision = z.object({ revision: z.int() });

/**
 * Numbers the changes of events. Each number is given within the transaction of its change, so numbers have the order
 * of the commits.
 */
export class Sequence {
  readonly #next: StatementSync;
  readonly #raise: StatementSync;

  constructor(database: DatabaseSync) {
    this.#next = database.prepare("UPDATE last_revision SET revision = revision + 1 RETURNING revision");
    this.#raise = database.prepare("UPDATE events SET revision = ? WHERE id = ?");
  }

  next(): number {
    return parseStored(lastRevision, this.#next.get(), "last_revision").revision;
  }

  /** Gives an event the next number: it has changed. */
  raise(eventId: string): void {
    this.#raise.run(this.next(), eventId);
  }
}

/**
 * Skips numbers, so that none is given twice: readers may have seen changes that were not durable yet when the power
 * failed.
 */
export function skipSeen(database: DatabaseSync): void {
  database.prepare("UPDATE last_revision SET revision = revision + ?").run(revisionsAStart);
}

/** More than a store gives between a backup and its restore: a thousand starts. */
const revisionsARestore = 1000 * revisionsAStart;

/** The same for a store that was restored: readers may have seen all that it gave after its backup. */
export function skipRestored(database: DatabaseSync): void {
  database.prepare("UPDATE last_revision SET revision = revision + ?").run(revisionsARestore);
}

/** The cursor of a revision in the feed of changes: text that sorts like the number. */
export function cursorAt(revision: number): string {
  return String(revision).padStart(digits, "0");
}

export function revisionAt(cursor: string | null): number {
  if (cursor === null) return 0;
  if (/^\d{16}$/.test(cursor)) return Number(cursor);
  throw new GatepostError("bad-request", "this place is of another feed; begin again without it");
}
