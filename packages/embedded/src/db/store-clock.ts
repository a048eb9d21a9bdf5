import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log } from "@gatepost/ingest";
import { dayMs, parseStored } from "@gatepost/protocol";
import type { ClockDoubt } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

/**
 * ms that the clock may be ahead of the last note. After a longer pause of the machine removals wait too, and nothing
 * is lost.
 */
const maxAheadMs = 7 * dayMs;

/** ms that the clock may be behind the last note. */
const maxBehindMs = dayMs;

/** ms of serving for which nothing is removed after the clock went ahead: an operator sees the warning within a day. */
const holdMs = dayMs;

const notedRow = z.object({ noted_at: z.int(), before: z.int().nullable(), held_ms: z.int() });

/** The last note about the clock. `before` is null where the clock is believed. */
type Noted = z.output<typeof notedRow>;

interface Deps {
  clock(): number;
  log: Log;
  /** ms since any fixed moment, by a clock that nobody can set. */
  elapsed?(): number;
}

/**
 * Compares the clock of the machine with its last time while this store was served. By a clock that is wrongly ahead,
 * data would be removed for good too early; by one that is behind, received data would expire too early.
 */
export class StoreClock {
  readonly #writer: Writer;
  readonly #deps: Required<Deps>;
  readonly #read: StatementSync;
  readonly #put: StatementSync;
  #notedAfter: number | null = null;
  #said: ClockDoubt["is"] | null = null;

  constructor(database: DatabaseSync, writer: Writer, { elapsed = () => performance.now(), ...deps }: Deps) {
    this.#writer = writer;
    this.#deps = { ...deps, elapsed };
    this.#read = database.prepare(readNoted);
    this.#put = database.prepare(
      `INSERT INTO store_clock (id, noted_at, before, held_ms) VALUES (1, ?1, ?2, ?3)
       ON CONFLICT DO UPDATE SET noted_at = ?1, before = ?2, held_ms = ?3`,
    );
  }

  /** What is doubtful about the clock now; null where it is believed. */
  doubt(): ClockDoubt | null {
    return doubtOf(this.#noted(), this.#deps.clock());
  }

  /** Notes the clock. Call this each minute while the store is served. Returns whether expired data may be removed. */
  async note(): Promise<boolean> {
    const at = this.#deps.elapsed();
    const servedMs = Math.round(at - (this.#notedAfter ?? at));
    this.#notedAfter = at;
    const doubt = await this.#writer.run(() => {
      const now = this.#deps.clock();
      const next = nextOf(this.#noted(), now, servedMs);
      this.#put.run(next.noted_at, next.before, next.held_ms);
      return doubtOf(next, now);
    });
    this.#say(doubt);
    return doubt?.is !== "ahead";
  }

  /** Accepts the clock, whatever was noted. */
  async trust(): Promise<void> {
    await this.#writer.run(() => this.#put.run(this.#deps.clock(), null, 0));
  }

  #noted(): Noted | null {
    return parseNoted(this.#read.get());
  }

  /** Logs a doubt once, until it changes. */
  #say(doubt: ClockDoubt | null): void {
    const is = doubt?.is ?? null;
    if (is === this.#said) return;
    this.#said = is;
    if (doubt === null) this.#deps.log.info("the clock is believed again");
    else this.#deps.log.warn(warnings[doubt.is], { noted: new Date(doubt.noted).toISOString(), todo: "set the clock" });
  }
}

const warnings: Record<ClockDoubt["is"], string> = {
  ahead: "the clock is far ahead of what was noted last: nothing that has expired is removed for 24 h",
  behind: "the clock is behind what was noted last: what is received now expires too early",
};

const readNoted = "SELECT noted_at, before, held_ms FROM store_clock";

/** What is doubtful about a clock that says `now`, by the database of a store that may not be served at present. */
export function clockDoubtOf(database: DatabaseSync, now: number): ClockDoubt | null {
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'store_clock'").get() !== undefined;
  return isThere ? doubtOf(parseNoted(database.prepare(readNoted).get()), now) : null;
}

function parseNoted(row: unknown): Noted | null {
  return row === undefined ? null : parseStored(notedRow, row, "store_clock");
}

function doubtOf(noted: Noted | null, now: number): ClockDoubt | null {
  if (noted === null) return null;
  const { noted_at, before, held_ms } = nextOf(noted, now, 0);
  if (before !== null && noted_at === now) return { is: "ahead", noted: before, heldMs: held_ms };
  return now < noted_at - maxBehindMs ? { is: "behind", noted: noted_at, heldMs: 0 } : null;
}

/** The next note where the clock says `now`, and the store was served for `servedMs` since the last note. */
function nextOf(noted: Noted | null, now: number, servedMs: number): Noted {
  const believed = { noted_at: now, before: null, held_ms: 0 };
  if (noted === null) return believed;
  const { noted_at, before, held_ms } = noted;
  if (now > noted_at + maxAheadMs) return { noted_at: now, before: before ?? noted_at, held_ms: holdMs };
  if (now < noted_at - maxBehindMs) {
    // The clock was wrongly ahead, and was corrected.
    if (before !== null && now >= before - maxBehindMs) return believed;
    // The note stays until the clock is right again, or an operator says that it is.
    return noted;
  }
  if (before === null || held_ms <= servedMs) return believed;
  return { noted_at: now, before, held_ms: held_ms - servedMs };
}
