import { join } from "node:path";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { openPlain, replaceFile } from "../bytes.ts";
import { BackupRefused } from "../refused.ts";
import { readDeltaKey, type ShipStore } from "./bucket.ts";

const shippedSchema = z.object({ generation: z.string(), changes: z.int() });

/**
 * The end of a history: its last generation, and how many changes of that. In a data folder: the change that was about
 * to be shipped last. In a bucket: the last change in it.
 */
export type Shipped = z.output<typeof shippedSchema>;

/** Most bytes of the file. */
const maxBytes = 1000;

function fileIn(data: string): string {
  return join(data, "shipped.json");
}

/** Call this before anything is shipped: so a bucket never has more of this history than its data folder knows. */
export function writeShipped(data: string, shipped: Shipped): Promise<void> {
  return replaceFile(fileIn(data), Buffer.from(JSON.stringify(shipped)));
}

async function readShipped(data: string): Promise<Shipped | null> {
  await using bytes = await openPlain(fileIn(data));
  const content = bytes === null ? null : jsonIn((await bytes.read(0, maxBytes)).toString("utf8"));
  return shippedSchema.nullable().catch(null).parse(content);
}

/** How far the history in a bucket goes; null if it has none. */
async function shippedTo(bucket: ShipStore): Promise<Shipped | null> {
  let last: Shipped | null = null;
  let read: Shipped = { generation: "", changes: 0 };
  for await (const key of bucket.list("index/")) {
    const [, generation = "", what] = key.split("/");
    const before = generation === read.generation ? read.changes : 0;
    read = { generation, changes: Math.max(before, readDeltaKey(key)?.number ?? 0) };
    // The base is written last of a generation. Without it the generation was never begun, and cannot be restored.
    if (what === "base") last = read;
  }
  return last;
}

/**
 * Throws BackupRefused if a bucket has more than a data folder has shipped. Such a folder was, for example, restored
 * from an older backup, and would remove from the bucket all that it lacks.
 */
export async function refuseOlder(bucket: ShipStore, data: string): Promise<void> {
  const [there, here] = [await shippedTo(bucket), await readShipped(data)];
  if (there === null || (here !== null && !isBehind(here, there))) return;
  throw new BackupRefused(
    `${bucket.name} has data that this data folder lacks: restore from it, or give this folder another prefix`,
  );
}

function isBehind(one: Shipped, other: Shipped): boolean {
  if (one.generation !== other.generation) return one.generation < other.generation;
  return one.changes < other.changes;
}
