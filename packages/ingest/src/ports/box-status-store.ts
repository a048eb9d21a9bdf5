import type { BoxStatusKind, JsonObject } from "@gatepost/protocol";

/** What a box reported about itself, its devices or a command. */
export interface BoxStatusRecord {
  box: string;
  kind: BoxStatusKind;
  /** ms since 1970. */
  receivedAt: number;
  /** As it was sent, at most 256 KB of JSON. */
  report: JsonObject;
}

export interface BoxStatusStore {
  /**
   * Resolves once the status is durable. Only the status received last is kept for each box and kind, until it expires.
   */
  put(boxStatus: BoxStatusRecord): Promise<void>;
}
