import { createHash } from "node:crypto";

/*
 * The lists of rows in the indexes. The name of a box has no #; the id of a person may have one. Each is exported by itself,
 * so that a function contains only those that it uses.
 */

export const events = "events";
export const ofBox = (box: string) => `box ${short(box)}`;
export const ofPerson = (id: string) => `person ${short(id)}`;
export const quarantine = "quarantine";
export const quarantineOf = (box: string) => `quarantine ${short(box)}`;
/** The long batches of all boxes, or of one box, that wait for their jobs. */
export const waiting = "waiting";
export const waitingOf = (box: string) => `waiting ${short(box)}`;
export const quarantineCounts = "quarantine-counts";
export const changes = "changes";
export const devices = "devices";
/** The quarantine records of one event. */
export const quarantineOfEvent = (id: string) => `event ${id}`;
/** The extra rows of the pictures of an event. */
export const extraRefsOfEvent = (id: string) => `pictures ${id}`;
export const erasures = "erasures";
/** The erasures at one box. */
export const suppressedAt = (box: string) => `suppressed ${short(box)}`;
/** The erasures at every box. The list has copies, because thousands of processes that start together read it. */
export const suppressedCopies = Array.from({ length: 8 }, (_, copy) => `suppressed#${copy}`);

/** A longer text is replaced by its hash in an index key: a key has 2,048 bytes at most. */
const maxKeyLength = 256;

function short(text: string): string {
  const isShort = Buffer.byteLength(text) <= maxKeyLength && text.isWellFormed();
  return isShort ? text : createHash("sha256").update(JSON.stringify(text)).digest("hex");
}

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

/**
 * The lists of records that are spread: those whose names end with `#`, and the lists of boxes. When boxes are heard
 * again after an outage, all of them move in their lists within seconds.
 */
const spreadLists = /^(?:.*#|boxes|site .*)$/s;

/** The keys of an index that have the entries of a list of records. */
export function hashesOf(list: string): string[] {
  return spreadLists.test(list) ? shardsOf(withoutMark(list)) : [list];
}

/** The key of an index under which a record is in a list. */
export function hashIn(list: string, pk: string): string {
  return spreadLists.test(list) ? shardFor(withoutMark(list), pk) : list;
}

/** The list that a key of an index belongs to. */
export function listOfHash(hash: string): string {
  const [, list] = /^(.*)#\d+$/s.exec(hash) ?? [];
  if (list === undefined) return hash;
  return spreadLists.test(list) ? list : `${list}#`;
}

function withoutMark(list: string): string {
  return list.endsWith("#") ? list.slice(0, -1) : list;
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
