import { createHash } from "node:crypto";
import { BackupRefused } from "../refused.ts";

/** Objects under one prefix. A write or removal is visible to every later call. */
export interface ShipStore {
  /** The name of the bucket for people. */
  name: string;
  put(key: string, bytes: Buffer): Promise<void>;
  /** The bytes of an object; null if there is none. */
  get(key: string): Promise<Buffer | null>;
  /** The keys that begin with a prefix, in their order. */
  list(prefix: string): AsyncIterable<string>;
  remove(key: string): Promise<void>;
  /** Aborts requests in progress. They fail, and so do all later ones. */
  end(): void;
}

/*
 * The objects in a bucket:
 *
 *   store                                         the name of the store
 *   index/GENERATION/base                         the whole database, by the digests of its chunks
 *   index/GENERATION/NUMBER-ORDER-TIME-DIGEST     the pages that changed since the one before
 *   chunks/DIGEST                                 a megabyte of a database
 *   rules/ORDER-TIME-DIGEST                       rules.json, whenever it changed
 *   pictures/MONTH/FROM-TO-ROWS                   the bytes of pictures in a part of a pack, and zeros between them
 *
 * GENERATION is ORDER-TIME-RANDOM. ORDER rises, and TIME is the time of the clock; without TIME it is ORDER, as before.
 * ROWS is a digest of the names of these pictures. If two parts contain the same place, the part with the bytes of the
 * picture counts. Of two changes with one number, the later one has all of the earlier one, whose write was not
 * answered.
 */

export function sha256Of(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** All keys that begin with a prefix, in their order. */
export async function keysOf(bucket: ShipStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of bucket.list(prefix)) keys.push(key);
  return keys;
}

/** A number as text that sorts in the same order. */
export function padded(number: number, digits = 16): string {
  return String(number).padStart(digits, "0");
}

export interface DeltaKey {
  key: string;
  number: number;
  digest: string;
}

/** @param stamp when it was shipped, as text */
export function deltaKey(
  generation: string,
  { number, stamp, digest }: Omit<DeltaKey, "key"> & { stamp: string },
): string {
  return `index/${generation}/${padded(number, 10)}-${stamp}-${digest}`;
}

export function readDeltaKey(key: string): DeltaKey | null {
  const [, number, digest = ""] = /^index\/[^/]+\/(\d{10})-\d{16}(?:-\d{16})?-([0-9a-f]{64})$/.exec(key) ?? [];
  return number === undefined ? null : { key, number: Number(number), digest };
}

export interface PartKey {
  key: string;
  month: string;
  from: number;
  to: number;
  rows: string;
}

export function partKey({ month, from, to, rows }: Omit<PartKey, "key">): string {
  return `pictures/${month}/${padded(from)}-${padded(to)}-${rows}`;
}

export function readPartKey(key: string): PartKey | null {
  const [, month = "", from, to, rows = ""] =
    /^pictures\/(\d{4}-\d{2}(?:-scenes)?)\/(\d{16})-(\d{16})-([0-9a-f]{32})$/.exec(key) ?? [];
  return from === undefined ? null : { key, month, from: Number(from), to: Number(to), rows };
}

/** Throws BackupRefused if a bucket contains another store. */
export async function checkStore(bucket: ShipStore, store: string): Promise<void> {
  const found = (await bucket.get("store"))?.toString("utf8");
  if (found !== undefined && found !== store)
    throw new BackupRefused(`${bucket.name} has another store in it; give each store another prefix`);
  if (found === undefined) await bucket.put("store", Buffer.from(store));
}
