import { hash } from "node:crypto";

/**
 * The key that encrypts the seeds of codes. It is not in the store, and so in no backup of it.
 */
export interface FactorKey {
  /** Null if there is none yet, or if it was lost. */
  find(): Promise<Buffer | null>;
  /** Makes it if there is none. */
  make(): Promise<Buffer>;
}

/** A key that is there from the beginning. */
export function givenFactorKey(key: Buffer): FactorKey {
  return { find: async () => key, make: async () => key };
}

/** By which key a seed is sealed. It does not reveal the key. */
export function nameOfKey(key: Buffer): string {
  return hash("sha256", Buffer.concat([Buffer.from("gatepost key of factors\0"), key])).slice(0, 16);
}
