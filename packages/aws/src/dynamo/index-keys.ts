import { createHash } from "node:crypto";

/*
 * Where rows stand in the indexes. A key of an index takes 1,000 writes a second, so each list is spread over shards,
 * and a reader merges them.
 */

/** Shards of a list of events or quarantine records. */
const listShards = 16;

/** Shards of a list of actions in one state, each of which is written to twice for an action. */
const actionShards = 8;

/** Texts longer than this stand in an index by their hash: a key has 2,048 bytes at most. */
const maxKeyLength = 256;

export function shardOf(pk: string, shards = listShards): number {
  return createHash("sha256").update(pk).digest().readUInt16BE(0) % shards;
}

/** All keys of a sharded list. */
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

/** The lists that events and quarantine records stand in. A box's name holds no #, a person's id may. */
export const lists = {
  events: "events",
  ofBox: (box: string) => `box ${short(box)}`,
  ofPerson: (id: string) => `person ${short(id)}`,
  quarantine: "quarantine",
  quarantineOf: (box: string) => `quarantine ${short(box)}`,
  quarantineCounts: "quarantine-counts",
  keys: "keys",
  changes: "changes",
  devices: "devices",
  /** What quarantine holds of an event. */
  quarantineOfEvent: (id: string) => `event ${id}`,
  erasures: "erasures",
  connections: "connections",
  statuses: "notices",
} as const;

function short(text: string): string {
  const isShort = Buffer.byteLength(text) <= maxKeyLength && text.isWellFormed();
  return isShort ? text : createHash("sha256").update(JSON.stringify(text)).digest("hex");
}

const digits = 13;
const latest = 10 ** digits - 1;

/** A time in ms as text that sorts like it. */
export function timeText(time: number): string {
  return String(Math.min(Math.max(Math.trunc(time), 0), latest)).padStart(digits, "0");
}

/** A place in a list: its time, and what tells apart what has the same. */
export function indexKey(time: number, id: string): string {
  return `${timeText(time)} ${id}`;
}

export function timeOfIndexKey(key: string): number {
  return Number(key.slice(0, digits));
}

/** Whether a text can be a place, as a cursor must. */
export function isIndexKey(text: string): boolean {
  return /^\d{13} \w{1,64}$/.test(text);
}
