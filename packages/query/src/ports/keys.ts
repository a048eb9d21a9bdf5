import type { Key } from "@gatepost/ingest";
import type { Page, PageRequest } from "./page.ts";

/** Why a token opens nothing: its key is revoked, is over, or never was. */
export type KeyFault = "revoked" | "expired" | "unknown";

export interface KeyListing extends Omit<Key, "expiresAt"> {
  /** Whom it is for, in the words of who made it; absent where there are none. */
  note?: string;
  /** ISO instants. */
  expiresAt?: string;
  createdAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

/** A key that is to be made. One to a site has no `boxes`. */
export interface NewKey extends Omit<Key, "id"> {
  /** SHA-256 (hex) of its token. */
  tokenHash: string;
  note?: string;
}

/** The boxes that have a live key. */
export interface KeyedBoxes {
  /** All of them. A key that was made or revoked some seconds ago may not be known yet. */
  all(): Promise<ReadonlySet<string>>;
  /** Whether a box has one. A key that was made just now is known. */
  has(box: string): Promise<boolean>;
}

export interface KeyAdmin {
  /**
   * Stores a key by the hash of its token. Throws GatepostError bad-request for limits, where the runtime cannot hold a
   * key to them.
   */
  create(key: NewKey): Promise<Key>;
  list(): Promise<KeyListing[]>;
  /** The same, the oldest first, page by page. */
  page(page: PageRequest): Promise<Page<KeyListing>>;
  /** Why no key is found by the SHA-256 (hex) of a token. */
  faultOf(tokenHash: string): Promise<KeyFault>;
  /** False where there is no such key. Revoking twice changes nothing. */
  revoke(id: string): Promise<boolean>;
}
