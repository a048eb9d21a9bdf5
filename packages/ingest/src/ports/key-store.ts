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

/** Limits a key beyond its scope. An absent member sets no limit. */
export interface KeyBounds {
  /** ms since 1970. From then on the key is treated as unknown. */
  expiresAt?: number;
  /**
   * The boxes that a read key sees. For it, nothing of any other box exists. Of a key to a site: the boxes that the
   * site has now.
   */
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
  /** The live key whose token has this SHA-256 (hex); null where it is unknown, revoked or expired. Writes nothing. */
  find(tokenHash: string): Promise<Key | null>;
  /**
   * Notes from time to time that a key was used. Never throws: a failure is logged, and does not keep the key from
   * working.
   */
  noteUse(key: Key): Promise<void>;
}
