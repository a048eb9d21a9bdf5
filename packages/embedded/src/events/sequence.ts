import type { DatabaseSync, StatementSync } from "node:sqlite";
import { GatepostError } from "@gatepost/core/errors";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { Signal } from "./signal.ts";

const digits = 16;

/** Numbers that are set aside at once: far more than are given between two syncs of the disk. */
const setAside = 1_000_000;
/** After so many numbers, the next ones are set aside. */
const step = 1000;

const lastRevision = z.object({ revision: z.int() });

/**
 * Numbers the changes of events. Each number is given within the transaction of its change, so numbers have the order
 * of the commits. No number is given twice, also not after a power cut in which changes were lost that readers had
 * seen: the database says up to which number they are set aside, and a new process begins after it.
 */
export class Sequence {
  /** Signals after numbers were given, in the turn after that: the changes can be read then. */
  readonly given = new Signal<void>();
  #isSignalled = false;
  readonly #setAside: StatementSync;
  readonly #raise: StatementSync;
  #last: number;

  /** Open this once for a database, before anything reads changes, and while SQLite still syncs each commit. */
  constructor(database: DatabaseSync) {
    this.#setAside = database.prepare("UPDATE last_revision SET revision = max(revision, ?)");
    this.#raise = database.prepare("UPDATE events SET revision = ? WHERE id = ?");
    const row = database.prepare("SELECT revision FROM last_revision").get();
    this.#last = parseStored(lastRevision, row, "last_revision").revision;
    this.#setAside.run(this.#last + setAside);
  }

  /** The last number, of this process or an earlier one. */
  get last(): number {
    return this.#last;
  }

  next(): number {
    this.#last += 1;
    // If the transaction fails, this is undone. The next time is early enough.
    if (this.#last % step === 0) this.#setAside.run(this.#last + setAside);
    this.#signal();
    return this.#last;
  }

  #signal(): void {
    if (this.#isSignalled) return;
    this.#isSignalled = true;
    setImmediate(() => {
      this.#isSignalled = false;
      this.given.send();
    });
  }

  /** Gives a changed event the next number. */
  raise(eventId: string): void {
    this.#raise.run(this.next(), eventId);
  }
}

/** More numbers than a store gives between a backup and its restore: the numbers of a thousand starts. */
const numbersARestore = 1000 * setAside;

/** Skips numbers in a restored store: readers may have seen all numbers that it gave after its backup. */
export function skipRestored(database: DatabaseSync): void {
  database.prepare("UPDATE last_revision SET revision = revision + ?").run(numbersARestore);
}

/** The cursor of a revision in the feed of changes: text that sorts in the order of the numbers. */
export function cursorAt(revision: number): string {
  return String(revision).padStart(digits, "0");
}

export function revisionAt(cursor: string | null): number {
  if (cursor === null) return 0;
  if (/^\d{16}$/.test(cursor)) return Number(cursor);
  throw new GatepostError("bad-request", "this place is of another feed; begin again without it");
}
