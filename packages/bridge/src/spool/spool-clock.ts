import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dayMs, parseStored } from "@gatepost/protocol";
import * as z from "zod";

/** ms that the clock may differ from the last note. After a longer pause of the bridge, removals wait too. */
const maxJumpMs = dayMs;
/**
 * ms of running for which nothing is removed for its age after the clock has jumped: an operator sees the warning
 * within a day.
 */
const holdMs = dayMs;

const notedRow = z.object({ noted_at: z.int(), held_ms: z.int() });
type Noted = z.output<typeof notedRow>;

/**
 * Compares the clock with its last time while this spool was used. By a clock that is wrongly ahead, or that was behind
 * and is corrected, all waiting reports would be too old at once.
 */
export class SpoolClock {
  readonly #clock: () => number;
  readonly #elapsed: () => number;
  readonly #put: StatementSync;
  #noted: Noted | null;
  #notedAfter: number | null = null;

  /** @param elapsed ms since any fixed moment, by a clock that cannot be set */
  constructor(database: DatabaseSync, clock: () => number, elapsed: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#elapsed = elapsed;
    this.#put = database.prepare(
      `INSERT INTO clock (id, noted_at, held_ms) VALUES (1, ?1, ?2)
       ON CONFLICT DO UPDATE SET noted_at = ?1, held_ms = ?2`,
    );
    const row = database.prepare("SELECT noted_at, held_ms FROM clock").get();
    this.#noted = row === undefined ? null : parseStored(notedRow, row, "the clock of the spool");
  }

  /** Whether old data may be removed: never before the clock was first noted. */
  get mayRemove(): boolean {
    return this.#noted !== null && this.#noted.held_ms === 0 && !this.#hasJumped(this.#noted);
  }

  /** Call this within a transaction, each minute while the bridge runs. */
  note(): void {
    const at = this.#elapsed();
    const ranMs = Math.round(at - (this.#notedAfter ?? at));
    this.#notedAfter = at;
    const noted = this.#noted;
    const heldMs = noted === null ? 0 : this.#hasJumped(noted) ? holdMs : Math.max(0, noted.held_ms - ranMs);
    this.#noted = { noted_at: this.#clock(), held_ms: heldMs };
    this.#put.run(this.#noted.noted_at, heldMs);
  }

  #hasJumped({ noted_at: notedAt }: Noted): boolean {
    return Math.abs(this.#clock() - notedAt) > maxJumpMs;
  }
}
