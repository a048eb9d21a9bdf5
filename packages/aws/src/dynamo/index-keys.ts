import { createHash } from "node:crypto";

/*
 * The keys under which rows are in the indexes. One key of an index takes 1,000 writes a second, so each list is spread
 * over several keys (shards), and a reader merges them.
 */

/** How many shards a list of events or quarantine records has. */
const listShards = 16;

/**
 * How many shards a list of actions has. There is one list for each state; each action is written to `pending` twice.
 */
const actionShards = 8;

export function shardOf(pk: string, shards = listShards): number {
  return createHash("sha256").update(pk).digest().readUInt16BE(0) % shards;
}

/** The keys of all shards of a list. */
export function shardsOf(list: string, shards = listShards): string[] {
  return Array.from({ length: shards }, (_, shard) => `${list}#${shard}`);
}

export function shardFor(list: string, pk: string): string {
  return `${list}#${shardOf(pk)}`;
}

export function actionShardsOf(state: string): string[] {
  return shardsOf(state, actionShards);
}

export function actionShardFor(state: string, eventId: string): string {
  return `${state}#${shardOf(eventId, actionShards)}`;
}

/** Whether a text can be an index key. A cursor must be one. */
export function isIndexKey(text: string): boolean {
  return /^\d{13} \w{1,64}$/.test(text);
}
