import type { Pauses } from "./life.ts";
import type { Reception } from "./reception.ts";
import type { BoxRecord } from "./record.ts";

/** A box, or one of its devices. */
export interface Watchable {
  box: string;
  /** Null: the box itself. */
  device: string | null;
}

/** A record as it was read. */
export interface StoredBox {
  record: BoxRecord;
  /** Changes with each write; 0 where there is no record yet. */
  rev: number;
}

/**
 * The records of boxes, and the rhythm of their pauses. record.ts describes a record. Methods for one box throw
 * `UnusableBox` where its row cannot be read, or can never be written.
 */
export interface BoxStore {
  /** Null where nothing is stored of the box. */
  get(box: string): Promise<StoredBox | null>;
  /** Those of these boxes of which something is stored that can be read, in any order. */
  getAll(boxes: readonly string[]): Promise<StoredBox[]>;
  /** The names of all boxes, in any order. What was written last may be missing for a second. */
  names(): Promise<{ box: string; isSilent: boolean }[]>;
  /**
   * Writes a record, which is then durable, if what is stored is still `rev`. False, and nothing is written, where it is
   * not. The box is due from `lookAtOf(record)` on.
   */
  put(stored: StoredBox): Promise<boolean>;
  /** Boxes that are due by `now` (ms), those that are due for the longest first. */
  due(now: number, limit: number): Promise<string[]>;
  /** The longest pauses in these hours (`LocalHours`); hours without a known pause are absent. */
  pauses(of: Watchable, hours: readonly number[]): Promise<Pauses>;
  /** Notes longest pauses by hour. What is noted twice, or is shorter than what is noted, changes nothing. */
  addPauses(of: Watchable, pauses: Pauses): Promise<void>;
  /** When Gatepost received; null before the first beat. */
  reception(): Promise<Reception | null>;
  putReception(reception: Reception): Promise<void>;
}
