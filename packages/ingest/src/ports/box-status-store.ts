import type { BoxStatusKind, JsonObject } from "@gatepost/protocol";

/** What a box said of itself, of its devices or of a command. */
export interface BoxStatusRecord {
  box: string;
  kind: BoxStatusKind;
  /** ms since 1970. */
  receivedAt: number;
  /** As it was sent, at most 256 KB of JSON. */
  report: JsonObject;
}

export interface BoxStatusStore {
  /** Resolves once the notice is durable. Of each box and kind only the one received last is kept, until it expires. */
  put(boxStatus: BoxStatusRecord): Promise<void>;
}
