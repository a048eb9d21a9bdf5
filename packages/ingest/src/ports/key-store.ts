export const scopes = ["ingest", "read", "admin"] as const;

export type Scope = (typeof scopes)[number];

export interface Key {
  id: string;
  scope: Scope;
  /** The box of an ingest key; null for the other scopes. */
  box: string | null;
}

export interface KeyStore {
  /** The live key whose token has this SHA-256 (hex), or null where it is unknown or revoked. Writes nothing. */
  find(tokenHash: string): Promise<Key | null>;
  /**
   * Notes that a key opened something, from time to time. Never throws: a failure is logged, and is no reason to refuse
   * whoever has the key.
   */
  noteUse(key: Key): Promise<void>;
}
