import { dayMs } from "@gatepost/protocol";
import { BackupRefused } from "../refused.ts";
import { baseKey, readBase } from "./base.ts";
import { keysOf, type ShipStore } from "./bucket.ts";
import { timesOf } from "./stamps.ts";

/** ms for which older states of the index stay in the bucket. */
export const historyMs = 7 * dayMs;

/**
 * Removes generations that were replaced before a time, and chunks that no generation needs. Returns how many objects.
 */
export async function removeHistory(bucket: ShipStore, before: number): Promise<number> {
  const [index, rules] = [await keysOf(bucket, "index/"), await keysOf(bucket, "rules/")];
  const timeOf = timesOf([...index, ...rules]);
  const names = [...new Set(index.map(generationOf))].sort();
  const known = new Set(index);
  const begun = names.filter((name) => known.has(baseKey(name)));
  const isEnded = (name: string) => begun.some((other) => other > name && timeOf(other) < before);
  const ended = new Set(names.filter(isEnded));
  const needed = new Set<string>();
  for (const name of begun.filter((one) => !ended.has(one)))
    for (const digest of await chunksOf(bucket, name)) needed.add(`chunks/${digest}`);
  const removed = [
    ...index.filter((key) => ended.has(generationOf(key))),
    ...(await keysOf(bucket, "chunks/")).filter((key) => !needed.has(key)),
    // The last rules before that time were still valid then.
    ...rules.filter((key) => timeOf(key) < before).slice(0, -1),
  ];
  for (const key of removed) await bucket.remove(key);
  return removed.length;
}

function generationOf(key: string): string {
  return key.split("/")[1] ?? "";
}

/** The chunks of a generation. With a damaged base it cannot be restored, so it needs none. */
async function chunksOf(bucket: ShipStore, generation: string): Promise<string[]> {
  try {
    return (await readBase(bucket, generation)).chunks;
  } catch (error) {
    if (error instanceof BackupRefused) return [];
    throw error;
  }
}
