import { createHash, randomBytes } from "node:crypto";
import { type AuditEntry, type AuditHead, type AuditRecord, canonicalJson } from "./entry.ts";

/**
 * Makes the next entry of a chain. Clocks differ and may be set back, so the time of an entry is never before that of
 * its predecessor.
 *
 * @param last the end of the chain; null if it has no entry
 */
export function chained(entry: AuditEntry, last: AuditRecord | null, now: number): AuditRecord {
  const at = Math.max(now, last === null ? now : Date.parse(last.at));
  const record = {
    ...entry,
    seq: (last?.seq ?? 0) + 1,
    id: randomBytes(9).toString("hex"),
    at: new Date(at).toISOString(),
    previous: last?.hash ?? null,
    previousAt: last?.at ?? null,
  };
  return { ...record, hash: hashOf(record) };
}

/** The hash that an entry must have. */
function hashOf(record: Omit<AuditRecord, "hash"> & { hash?: string }): string {
  const { hash: _, ...hashed } = record;
  return createHash("sha256").update(canonicalJson(hashed)).digest("hex");
}

/** The findings about a chain. */
export interface ChainFinding {
  /** The number of checked entries, and the number of the oldest; null if there was none. */
  entries: number;
  oldest: number | null;
  /** The number of the newest entry that is wrong or missing; null if there is none. */
  brokenAt: number | null;
  /** The faults, in words, in the order in which they were found. */
  faults: string[];
}

/** A place in the chain from which a check continues: the expected next older entry, and when it was made. */
export interface ChainPlace {
  seq: number;
  hash: string | null;
  at: string | null;
}

const maxFaults = 20;

/**
 * Follows a chain from its end to its beginning, entry by entry. It finds entries that were changed, removed, added or
 * moved, and an end that was cut off while the head stayed. A person who can write to the store can cut off both; only
 * a head that was noted elsewhere (`known`) reveals that.
 */
export class ChainCheck {
  readonly #head: AuditHead | null;
  readonly #known: AuditHead | null;
  readonly #finding: ChainFinding = { entries: 0, oldest: null, brokenAt: null, faults: [] };
  #expected: ChainPlace;

  /** @param from the place from which it continues; left out: the head */
  constructor(head: AuditHead | null, known: AuditHead | null = null, from?: ChainPlace) {
    this.#head = head;
    this.#known = known;
    this.#expected = from ?? { seq: head?.seq ?? 0, hash: head?.hash ?? null, at: null };
    if (known !== null && known.seq > this.#expected.seq) {
      this.#fault(`entry ${known.seq} was there, and the log now ends at ${this.#expected.seq}: its end was cut off`);
    }
  }

  /** The findings about the entries that were taken. */
  get finding(): ChainFinding {
    return this.#finding;
  }

  /** The place after the entries that were taken. */
  get place(): ChainPlace {
    return this.#expected;
  }

  /** Takes the next older entry. Entries newer than the head were added later, and are skipped. */
  take(record: AuditRecord): void {
    // The very first entry may have been added after the head was read.
    if (this.#head === null && record.seq > 1 && this.#finding.faults.length === 0) this.#fault("the head is missing");
    if (record.seq > (this.#head?.seq ?? 0)) return;
    const { seq, hash, at } = this.#expected;
    if (record.seq !== seq) this.#fault(`entries ${record.seq + 1} to ${seq} are missing`);
    else if (hash !== null && record.hash !== hash) this.#fault(`entry ${seq} is not the one that the next names`);
    if (hashOf(record) !== record.hash) this.#fault(`entry ${record.seq} was changed`);
    if (at !== null && record.seq === seq && record.at !== at) this.#fault(`entry ${seq} has another time`);
    const { seq: knownSeq, hash: knownHash } = this.#known ?? { seq: 0, hash: "" };
    if (record.seq === knownSeq && record.hash !== knownHash)
      this.#fault(`entry ${knownSeq} is another one than before`);
    this.#expected = { seq: record.seq - 1, hash: record.previous, at: record.previousAt };
    this.#finding.entries += 1;
    this.#finding.oldest = record.seq;
  }

  /**
   * Ends at the oldest entry that is there.
   *
   * @param keptFrom the time (ms) from which on entries are kept: older ones may be gone
   */
  end(keptFrom: number): ChainFinding {
    const { seq, at } = this.#expected;
    const mayBeGone = at !== null && Date.parse(at) < keptFrom;
    if (seq > 0 && !mayBeGone) this.#fault(`entries 1 to ${seq} are missing, which are not all old enough to be gone`);
    return this.#finding;
  }

  #fault(words: string): void {
    this.#finding.brokenAt ??= this.#expected.seq;
    if (this.#finding.faults.length < maxFaults) this.#finding.faults.push(words);
  }
}
