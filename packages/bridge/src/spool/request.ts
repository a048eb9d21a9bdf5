/** A report as it came, and what is needed to send it on. */
export interface SpooledRequest {
  box: string;
  /** Behind the key, as `/HistoryEvent`. */
  path: string;
  contentType: string;
  contentEncoding: string | null;
  body: Uint8Array;
}

export interface Spooled extends SpooledRequest {
  id: number;
}

/** A report, or a part of one, that the cloud will never take. */
export interface Refusal {
  body: Uint8Array;
  reason: string;
}

/**
 * What tells one passing from another where no id is shared: an SE5's pushes and its memory name no common one.
 * docs/formats.md §4.4.
 */
export interface EventKey {
  /** ms by the box's clock. */
  at: number;
  /** "" where it was not said. */
  device: string;
  /** "" for a stranger: the memory does not keep what the push called one. */
  person: string;
}

/** Where a stored event is posted to: any path will do, its shape says what it is. docs/formats.md §6. */
export const pathOfStored = "/StoredEvent";
