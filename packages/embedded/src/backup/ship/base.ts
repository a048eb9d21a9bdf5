import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { BackupRefused } from "../refused.ts";
import { type ShipStore, sha256Of } from "./bucket.ts";

/** Bytes of one chunk of the database. */
export const chunkBytes = 1024 * 1024;

const baseSchema = z.object({
  time: z.int(),
  store: z.string(),
  schema: z.int(),
  bytes: z.int(),
  chunks: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
});

/** The complete database at the beginning of a generation. */
export type Base = z.output<typeof baseSchema>;

export function baseKey(generation: string): string {
  return `index/${generation}/base`;
}

/** Throws BackupRefused if it is missing or has changed. */
export async function readBase(bucket: ShipStore, generation: string): Promise<Base> {
  const key = baseKey(generation);
  const bytes = await bucket.get(key);
  if (bytes === null) throw new BackupRefused(`${bucket.name} lacks ${key}`);
  const read = baseSchema.safeParse(jsonIn(bytes.toString("utf8")));
  if (read.success) return read.data;
  throw damaged(bucket, key);
}

/** The bytes of an object whose digest is known. Throws BackupRefused if it is missing or has other bytes. */
export async function getDigested(bucket: ShipStore, key: string, digest: string): Promise<Buffer> {
  const bytes = await bucket.get(key);
  if (bytes === null) throw new BackupRefused(`${bucket.name} lacks ${key}`);
  if (sha256Of(bytes) === digest) return bytes;
  throw damaged(bucket, key);
}

function damaged({ name }: ShipStore, key: string): BackupRefused {
  return new BackupRefused(`${key} of ${name} is damaged: its bytes are not those that were written`);
}
