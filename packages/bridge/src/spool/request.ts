/** A report as received, with everything that is needed to forward it. */
export interface SpooledRequest {
  box: string;
  /** The path after the key, as `/HistoryEvent`. */
  path: string;
  contentType: string;
  contentEncoding: string | null;
  body: Uint8Array;
  /** When it was received, ms since 1970, if it may have no time of its own. */
  receipt?: number;
}

export interface Spooled extends SpooledRequest {
  id: number;
  /** Bytes of the body. */
  bytes: number;
  /** The id of a large body, which is kept in pieces; null for any other. */
  pieces: number | null;
}

/** A report, or a part of one, that the cloud will never accept. */
export interface RefusedPart {
  body: Uint8Array;
  reason: string;
}

/**
 * Identifies a passing without a shared id: the pushes of an SE5 and its memory have no common id. docs/formats.md
 * §4.4.
 */
export interface EventKey {
  /** ms since 1970 by the box's clock. */
  at: number;
  /** "" if the box did not say. */
  device: string;
  /** "" for a stranger: the memory does not keep the id that the push used. */
  person: string;
}

/** The path for stored events. Any path would do, because a report is recognised by its shape. docs/formats.md §6. */
export const pathOfStored = "/StoredEvent";
