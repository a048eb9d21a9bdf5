import { uptime } from "node:os";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ClockDoubt } from "@gatepost/core/health";
import type { Log } from "@gatepost/core/log";
import { parseStored, secondMs } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import {
  advance,
  confirmMs,
  firstRelease,
  firstTime,
  isBehind,
  mayHaveBeenBehind,
  receiptTime,
  type StoreTime,
  trusted,
} from "./store-time.ts";

/**
 * The uptime of the machine in ms: a clock that no one can set, and that counts while the machine sleeps. Reading it
 * opens a file, so between two readings the process's own clock counts, for a second at most. That clock stops while
 * the machine sleeps; the time of day shows such a sleep.
 */
export function uptimeClock(): () => number {
  const read = () => ({ uptimeMs: uptime() * secondMs, own: performance.now(), day: Date.now() });
  let last = read();
  return () => {
    const passed = performance.now() - last.own;
    const hasSlept = Math.abs(Date.now() - last.day - passed) > secondMs;
    if (passed <= secondMs && !hasSlept) return last.uptimeMs + passed;
    last = read();
    return last.uptimeMs;
  };
}

const notedRow = z.object({ noted_at: z.int(), before: z.int().nullable(), held_ms: z.int() });
const timeRow = z.object({
  machine: z.int(),
  earliest: z.int(),
  is_seen: z.literal([0, 1]),
  steady_ms: z.int(),
  first_served: z.int().nullable(),
});

interface Deps {
  clock(): number;
  log: Log;
  /** ms since any fixed moment, by a clock that no one can set. */
  elapsed(): number;
  /** Corrects receipts dated by a clock that was behind, before a step far ahead is believed. */
  carryOver?(step: ClockStep): Promise<void>;
}

/** A step ahead of the clock, after which the time before it is known to be wrong. */
export interface ClockStep {
  /** The believed time before the step. */
  from: number;
  /** The machine's time. */
  to: number;
  /** The time from which receipts must be dated anew; null if none must. */
  redateFrom: number | null;
}

/**
 * The time of a store. It compares the clock of the machine with its last time while this store was served, and with a
 * clock that no one can set: by a clock that is wrongly ahead, data would be removed for good too early; by one that is
 * behind, received data would expire too early, and ended keys would be valid again.
 */
export class StoreClock {
  readonly #writer: Writer;
  readonly #deps: Deps;
  readonly #putNoted: StatementSync;
  readonly #putTime: StatementSync;
  readonly #endKeys: StatementSync;
  readonly #dateErasures: StatementSync;
  /** Null until the store is served for the first time: then the machine's clock counts as it is. */
  #time: StoreTime | null;
  #lookedAt: number | null = null;
  /** Whether erasures may be dated ahead of the clock, because it was set back. */
  #wasSetBack = false;
  #logged: ClockDoubt["is"] | null = null;

  constructor(database: DatabaseSync, writer: Writer, deps: Deps) {
    this.#writer = writer;
    this.#deps = deps;
    this.#time = timeIn(database);
    this.#putNoted = database.prepare("INSERT OR REPLACE INTO store_clock VALUES (1, ?, ?, ?)");
    this.#putTime = database.prepare("INSERT OR REPLACE INTO store_time VALUES (1, ?, ?, ?, ?, ?)");
    this.#endKeys = database.prepare(
      `UPDATE items SET item = json_set(item, '$.revokedAt', ?1)
       WHERE pk GLOB 'key_*' AND item ->> 'revokedAt' IS NULL AND item ->> 'expiresAt' <= ?1`,
    );
    this.#dateErasures = database.prepare("UPDATE suppressed SET at = ?1 WHERE at > ?1");
  }

  /** The believed time, ms since 1970: it never goes back, and nothing has ended before it. */
  believed(): number {
    return this.#look()?.believed ?? this.#deps.clock();
  }

  /** The time for receipts and for all that people see, ms since 1970. */
  now(): number {
    const time = this.#look();
    return time === null ? this.#deps.clock() : receiptTime(time);
  }

  /** The earliest time that it may be, ms since 1970. */
  earliest(): number {
    return this.#look()?.earliest ?? this.#deps.clock();
  }

  /** The clock of the machine, whether it is believed or not. */
  machine(): number {
    return this.#deps.clock();
  }

  /** Why the clock is in doubt now; null if it is believed. */
  doubt(): ClockDoubt | null {
    const time = this.#look();
    return time === null ? null : doubtOf(time);
  }

  /** Notes the time. Call this each minute while the store is served. Returns whether expired data may be removed. */
  async note(): Promise<boolean> {
    const time = this.#look();
    if (time === null) this.#time = firstTime(this.#deps.clock());
    else if (time.heldMs === 0) await this.#believe(time);
    await this.#write();
    const doubt = this.doubt();
    this.#log(doubt);
    return doubt?.is !== "ahead";
  }

  /** Resolves once no erasure is dated ahead of a clock that was set back. */
  async settle(): Promise<void> {
    this.#look();
    if (this.#wasSetBack) await this.#write();
  }

  /** Accepts the clock, whichever time was noted. Keys that had ended stay so. */
  async trust(): Promise<void> {
    const time = this.#look();
    if (time !== null && time.heldMs !== null) await this.#believe(time);
    this.#time = trusted(this.#deps.clock());
    this.#wasSetBack = true;
    await this.#write(() => {
      if (time !== null) this.#endKeys.run(time.believed);
    });
  }

  /** Believes the machine's clock, after the receipts dated by a clock that was behind are corrected. */
  async #believe(time: StoreTime): Promise<void> {
    const { believed: from, machine: to, firstServed } = time;
    if (mayHaveBeenBehind(time)) {
      const redateFrom = firstServed ?? (from < firstRelease ? Number.MIN_SAFE_INTEGER : null);
      await this.#deps.carryOver?.({ from, to, redateFrom });
    }
    const now = this.#look();
    if (now !== null && now.heldMs === 0) this.#time = trusted(now.machine);
  }

  /** Notes the time, and dates erasures no later than it may be. */
  async #write(before: () => void = () => {}): Promise<void> {
    const wasSetBack = this.#wasSetBack;
    this.#wasSetBack = false;
    try {
      await this.#writer.run(() => {
        before();
        const time = this.#look();
        if (time === null) return;
        const { believed, machine, earliest, heldMs, isSeen, steadyMs, firstServed } = time;
        const noted = heldMs === null ? ([believed, null, 0] as const) : ([machine, believed, heldMs] as const);
        this.#putNoted.run(...noted);
        this.#putTime.run(machine, earliest, Number(isSeen), steadyMs, firstServed);
        if (wasSetBack) this.#dateErasures.run(time.earliest);
      });
    } catch (error) {
      this.#wasSetBack ||= wasSetBack;
      throw error;
    }
  }

  #look(): StoreTime | null {
    if (this.#time === null) return null;
    const machine = this.#deps.clock();
    // A report asks for the time several times in a millisecond.
    if (this.#lookedAt !== null && machine === this.#time.machine) return this.#time;
    const next = advance(this.#time, machine, this.#passed());
    this.#wasSetBack ||= next.earliest < this.#time.earliest;
    this.#time = next;
    return next;
  }

  /** Whole ms since the last look; null at the first. A fraction counts at the next look. */
  #passed(): number | null {
    const at = this.#deps.elapsed();
    const since = this.#lookedAt;
    const passedMs = since === null ? null : Math.max(0, Math.floor(at - since));
    this.#lookedAt = since === null || passedMs === null || at < since ? at : since + passedMs;
    return passedMs;
  }

  /** Logs a doubt once, until it changes. */
  #log(doubt: ClockDoubt | null): void {
    const is = doubt?.is ?? null;
    if (is === this.#logged) return;
    this.#logged = is;
    if (doubt === null) this.#deps.log.info("the clock is believed again");
    else this.#deps.log.warn(warnings[doubt.is], { noted: new Date(doubt.noted).toISOString(), todo: "set the clock" });
  }
}

const warnings: Record<ClockDoubt["is"], string> = {
  ahead: "the clock is far ahead of the noted time: nothing ends or is removed by its time for 24 h",
  behind: "the clock is behind the noted time: receipts get the believed time",
};

/** Why a clock that says `now` is in doubt, by the database of a store that may not be served at present. */
export function clockDoubtOf(database: DatabaseSync, now: number): ClockDoubt | null {
  const time = timeIn(database);
  return time === null ? null : doubtOf(advance(time, now, null));
}

function timeIn(database: DatabaseSync): StoreTime | null {
  const row = database.prepare("SELECT noted_at, before, held_ms FROM store_clock").get();
  if (row === undefined) return null;
  const { noted_at, before, held_ms } = parseStored(notedRow, row, "store_clock");
  const noted = { ...trusted(before ?? noted_at), machine: noted_at, heldMs: before === null ? null : held_ms };
  const more = database.prepare("SELECT * FROM store_time").get();
  if (more === undefined) return noted;
  const { machine, earliest, is_seen, steady_ms, first_served } = parseStored(timeRow, more, "store_time");
  return { ...noted, machine, earliest, isSeen: is_seen === 1, steadyMs: steady_ms, firstServed: first_served };
}

function doubtOf({ believed, machine, heldMs }: StoreTime): ClockDoubt | null {
  if (heldMs !== null) return { is: "ahead", noted: believed - (confirmMs - heldMs), heldMs };
  return isBehind(machine, believed) ? { is: "behind", noted: believed, heldMs: 0 } : null;
}
