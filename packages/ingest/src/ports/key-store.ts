export const scopes = ["ingest", "read", "admin"] as const;

export type Scope = (typeof scopes)[number];

export interface Key {
  id: string;
  scope: Scope;
  /** The box of an ingest key; null for the other scopes. */
  box: string | null;
}

export interface KeyStore {
  /** The live key whose token has this SHA-256 (hex), or null where it is unknown or revoked. Notes that it was used. */
  find(tokenHash: string): Promise<Key | null>;
}
