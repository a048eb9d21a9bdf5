export const scopes = ["ingest", "read", "admin"] as const;

export type Scope = (typeof scopes)[number];

/** How many reports a key may deliver a second, and how many at once. */
export interface KeyRate {
  perSecond: number;
  burst: number;
}

/** What a key may deliver at most; no limit where a member is absent. */
export interface KeyLimits {
  rate?: KeyRate;
  /** Bytes of the bodies of one day (UTC), as they are sent. */
  dailyBytes?: number;
}

/** What narrows a key beyond its scope; absent members do not. */
export interface KeyBounds {
  /** When it ends, ms since 1970: from then on it is as unknown. */
  expiresAt?: number;
  /** The boxes that a read key sees. For it, nothing exists of any other box. Of a key to a site, those it has now. */
  boxes?: readonly string[];
  /** The site whose boxes a read key sees. */
  site?: string;
}

export interface Key extends KeyLimits, KeyBounds {
  id: string;
  scope: Scope;
  /** The box of an ingest key; null for the other scopes. */
  box: string | null;
}

export interface KeyStore {
  /** The live key whose token has this SHA-256 (hex), or null where it is unknown, revoked or over. Writes nothing. */
  find(tokenHash: string): Promise<Key | null>;
  /**
   * Notes that a key opened something, from time to time. Never throws: a failure is logged, and is no reason to refuse
   * whoever has the key.
   */
  noteUse(key: Key): Promise<void>;
}
