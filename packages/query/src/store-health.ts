import type { GatepostError } from "@gatepost/ingest";

export interface StoreHealth {
  /** Why nothing can be stored at the moment, in words without a path, a key or a name; null where it can. Never throws. */
  reason(): Promise<string | null>;
  /** Everything else that needs a person, without a path, a key or a name: reports are stored meanwhile. */
  concerns(): readonly string[];
  /** What a client is told of a failure of the stores; null: no more than to ask again. */
  toldOf(failure: unknown): GatepostError | null;
}

interface Probing {
  /** Finds the reason, by a call or a write to the stores. It must not reject. */
  probe(): Promise<string | null>;
  clock(): number;
  /** ms for which an answer is reused: anybody may ask without a key, and a probe costs a write or a call. */
  keepMs: number;
}

/** Asks the stores at most once in `keepMs`, however many ask. */
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
