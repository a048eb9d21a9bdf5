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

/** A longer text is replaced by its hash in an index key: a key has 2,048 bytes at most. */
const maxKeyLength = 256;

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

/** The lists of events and quarantine records. The name of a box has no #; the id of a person may have one. */
export const lists = {
  events: "events",
  ofBox: (box: string) => `box ${short(box)}`,
  ofPerson: (id: string) => `person ${short(id)}`,
  /** The boxes of a site. */
  ofSite: (site: string) => `site ${short(site)}`,
  quarantine: "quarantine",
  quarantineOf: (box: string) => `quarantine ${short(box)}`,
  quarantineCounts: "quarantine-counts",
  keys: "keys",
  pictureReads: "pictures-read",
  changes: "changes",
  devices: "devices",
  /** The boxes by the time of their next check for silence. */
  boxes: "boxes",
  /** The quarantine records of one event. */
  quarantineOfEvent: (id: string) => `event ${id}`,
  /** The extra rows of the pictures of an event. */
  extraRefsOfEvent: (id: string) => `pictures ${id}`,
  erasures: "erasures",
  jobs: "jobs",
  /** Erased persons who are still to be removed from boxes, and those of one box. */
  removals: "removals-of-boxes",
  removalsOf: (box: string) => `removals ${short(box)}`,
  /** Those that a version of before 2026-12 asked for: no list of their box has them. */
  earlierRemovals: "removals",
  /** What was erased at one box (null: at every box). */
  suppressedAt: (box: string | null) => (box === null ? "suppressed" : `suppressed ${short(box)}`),
  connections: "connections",
  statuses: "notices",
} as const;

function short(text: string): string {
  const isShort = Buffer.byteLength(text) <= maxKeyLength && text.isWellFormed();
  return isShort ? text : createHash("sha256").update(JSON.stringify(text)).digest("hex");
}

const digits = 13;
const latest = 10 ** digits - 1;

/** A time in ms as text. The order of such texts is the order of the times. */
export function timeText(time: number): string {
  return String(Math.min(Math.max(Math.trunc(time), 0), latest)).padStart(digits, "0");
}

/** The range key of a row in a list: its time, and its id to tell apart rows of the same time. */
export function indexKey(time: number, id: string): string {
  return `${timeText(time)} ${id}`;
}

export function timeOfIndexKey(key: string): number {
  return Number(key.slice(0, digits));
}

/** Whether a text can be an index key. A cursor must be one. */
export function isIndexKey(text: string): boolean {
  return /^\d{13} \w{1,64}$/.test(text);
}
