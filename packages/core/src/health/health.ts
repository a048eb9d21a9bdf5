import type { GatepostError } from "../errors/errors.ts";
import type { RetentionFacts } from "../retention/retention.ts";

/** A clock that differs by days from its last value while the store was served. */
export interface ClockDoubt {
  is: "ahead" | "behind";
  /** Its last value before that, ms. */
  noted: number;
  /** ms of serving until records are removed that have expired by a clock that is ahead. */
  heldMs: number;
}

/** The state of shipping stored data. */
export interface Shipping {
  /** When all that was stored had been shipped, or else since when that is tried; ms. */
  since: number;
  /** Whether the last try failed. */
  isFailing: boolean;
}

/** The state of a runtime, for any holder of a key. */
export interface ServerFacts {
  runtime: "one-machine" | "aws";
  /** Whether the rules of the bus can be edited by the API. */
  rules: "editable" | "elsewhere";
  /** Bytes of one body at most. */
  bodyBytes: number;
  /** Days for which events and quarantine are kept. */
  retention(): Promise<RetentionFacts>;
  /** How full the disk of the data folder is; null if there is none. */
  room(): Promise<{ usedBytes: number; ofBytes: number } | null>;
  /** The doubt about the clock of the machine; null if it is believed. */
  clockDoubt(): Promise<ClockDoubt | null>;
  /** The state of shipping; null if nothing is shipped. */
  shipping(): Promise<Shipping | null>;
}

export interface StoreHealth {
  /**
   * Why nothing can be stored at the moment, in words without a path, a key or a name; null if it can. Never throws.
   */
  reason(): Promise<string | null>;
  /** Everything else that needs a person, without a path, a key or a name: reports are stored meanwhile. */
  concerns(): readonly string[];
  /** The message for a client after a failure of the stores; null: only to ask again. */
  toldOf(failure: unknown): GatepostError | null;
}

interface Probing {
  /** Finds the reason, by a call or a write to the stores. It must not reject. */
  probe(): Promise<string | null>;
  clock(): number;
  /** ms for which an answer is reused: anyone may ask without a key, and a probe costs a write or a call. */
  keepMs: number;
}

/** Asks the stores at most once in `keepMs`, for any number of callers. */
export function probedHealth({ probe, clock, keepMs }: Probing): StoreHealth {
  let last: { at: number; reason: Promise<string | null> } | null = null;
  return {
    reason() {
      const now = clock();
      if (last === null || now - last.at >= keepMs || now < last.at) last = { at: now, reason: probe() };
      return last.reason;
    },
    concerns: () => [],
    toldOf: () => null,
  };
}
