import { BackupRefused } from "../refused.ts";
import { baseKey, readBase } from "./base.ts";
import type { ShipStore } from "./bucket.ts";

/** ms for which what the index was stays in the bucket. */
export const historyMs = 7 * 24 * 60 * 60 * 1000;

/** Removes generations that another one followed before a time, and chunks that none has. Returns how many objects. */
export async function removeHistory(bucket: ShipStore, before: number): Promise<number> {
  const keys: string[] = [];
  for await (const key of bucket.list("index/")) keys.push(key);
  const names = [...new Set(keys.map((key) => key.split("/")[1] ?? ""))].sort();
  const known = new Set(keys);
  const begun = names.filter((name) => known.has(baseKey(name)));
  const nextOf = (name: string) => begun.find((other) => other > name) ?? "none";
  const ended = new Set(names.filter((name) => Number(nextOf(name).split("-")[0]) < before));
  const needed = new Set<string>();
  for (const name of begun.filter((one) => !ended.has(one)))
    for (const digest of await chunksOf(bucket, name)) needed.add(digest);
  const gone = keys.filter((key) => ended.has(key.split("/")[1] ?? ""));
  for await (const key of bucket.list("chunks/")) if (!needed.has(key.slice("chunks/".length))) gone.push(key);
  for await (const key of bucket.list("rules/")) if (Number(/^rules\/(\d{16})/.exec(key)?.[1]) < before) gone.push(key);
  const rules = gone.filter((key) => key.startsWith("rules/")).sort();
  // The last one before is what was valid then.
  const last = rules.at(-1);
  const removed = gone.filter((key) => key !== last);
  for (const key of removed) await bucket.remove(key);
  return removed.length;
}

/** The chunks of a generation. One whose base was damaged cannot be restored, so it needs none. */
async function chunksOf(bucket: ShipStore, generation: string): Promise<string[]> {
  try {
    return (await readBase(bucket, generation)).chunks;
  } catch (error) {
    if (error instanceof BackupRefused) return [];
    throw error;
  }
}
