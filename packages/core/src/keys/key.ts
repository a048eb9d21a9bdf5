import type { Page, PageRequest } from "@gatepost/store";

/**
 * The uses of keys: `ingest` delivers the reports of a box, `read` reads, `admin` may do everything, and `settle`
 * reports the results of actions, for which it reads their events and photos.
 */
export const scopes = ["ingest", "read", "settle", "admin"] as const;

export type Scope = (typeof scopes)[number];

/** How many reports a key may deliver a second, and how many at once. */
export interface KeyRate {
  perSecond: number;
  burst: number;
}

/** The limits of a key; an absent member sets no limit. */
export interface KeyLimits {
  rate?: KeyRate;
  /** Bytes of the bodies of one day (UTC), as they are sent. */
  dailyBytes?: number;
}

/** Limits a key beyond its scope. An absent member sets no limit. */
export interface KeyBounds {
  /** ms since 1970. From then on the key is treated as unknown. */
  expiresAt?: number;
  /**
   * The boxes that a read key sees. For it, nothing of any other box exists. For a key to a site, the present boxes of
   * that site.
   */
  boxes?: readonly string[];
  /** The site whose boxes a read key sees. */
  site?: string;
  /** Whether a read key may read people, presence and hours. */
  people?: true;
}

export interface Key extends KeyLimits, KeyBounds {
  id: string;
  scope: Scope;
  /** The box of an ingest key; null for the other scopes. */
  box: string | null;
  /** The person or thing that uses it, in the words of its maker; absent if there are none. */
  note?: string;
  /** The serials of ZKTeco terminals, which deliver with this ingest key without sending it. */
  serials?: readonly string[];
}

/** Why a token opens nothing: its key is revoked, has expired, or does not exist. */
export type KeyFault = "revoked" | "expired" | "unknown";

export interface KeyListing extends Omit<Key, "expiresAt"> {
  /** ISO instants. */
  expiresAt?: string;
  createdAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

/** A key to make. One for a site has no `boxes`. */
export interface NewKey extends Omit<Key, "id"> {
  /** SHA-256 (hex) of its token. */
  tokenHash: string;
}

/** A key as another store has it. Times are ms since 1970. */
export interface ImportedKey extends NewKey {
  id: string;
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

/** The deliveries of a key that all processes have settled. */
export interface KeyUse {
  /** Days since 1970-01-01, UTC, and the bytes of that day. */
  day: number;
  bytes: number;
  /** Reports since the key was first used. */
  reports: number;
  /** How many reports the key could deliver at once, and when that was so (ms since 1970). */
  left: number;
  leftAt: number;
}

/** Finds keys by their tokens. */
export interface KeyStore {
  /** The live key whose token has this SHA-256 (hex); null if it is unknown, revoked or expired. Writes nothing. */
  find(tokenHash: string): Promise<Key | null>;
  /** The live key that lists the serial of a terminal; null if there is none. Writes nothing. */
  ofSerial(serial: string): Promise<Key | null>;
  /** Notes from time to time that a key was used. Never throws: a failure is logged, and the key still works. */
  noteUse(key: Key): Promise<void>;
}

/** Makes, lists and revokes keys. */
export interface KeyAdmin {
  /**
   * Stores a key by the hash of its token. Throws if there is a key for this token, and \`conflict\` if a live key lists one
   * of its serials.
   */
  create(key: NewKey): Promise<Key>;
  /** All keys, the oldest first. */
  list(): Promise<KeyListing[]>;
  /** The same, page by page. */
  page(page: PageRequest): Promise<Page<KeyListing>>;
  /** The notes of keys by their ids, also of revoked ones; null if a key has none. */
  notes(ids: readonly string[]): Promise<ReadonlyMap<string, string | null>>;
  /** The reason for which no key is found by the SHA-256 (hex) of a token. */
  faultOf(tokenHash: string): Promise<KeyFault>;
  /** The SHA-256 (hex) of the token of a key, also of a revoked one; null if there is no such key. */
  hashOf(id: string): Promise<string | null>;
  /** False if there is no such key. Revoking twice changes nothing. */
  revoke(id: string): Promise<boolean>;
}

export interface KeyUsage {
  /** Null if nothing of a key is settled yet. */
  read(keyId: string): Promise<KeyUse | null>;
  /**
   * Adds the deliveries that one process made since it last settled to the sums of all processes: `bytes` of that day,
   * and `reports`. Returns the sums.
   */
  settle(keyId: string, delivered: KeyUse): Promise<KeyUse>;
}

/** Whether a key opens the WebSocket: a key that delivers or settles does not. */
export function opensFeeds({ scope }: Pick<Key, "scope">): boolean {
  return scope === "read" || scope === "admin";
}

/** The boxes that a key sees; null if it sees every box. */
export function boxesSeen({ boxes }: Pick<Key, "boxes">): readonly string[] | null {
  return boxes ?? null;
}
