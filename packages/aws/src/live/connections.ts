import { type LiveConfiguration, readConfiguration } from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";
import { lists } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import type { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { type IndexEntry, queryShards } from "../dynamo/query-shards.ts";

/** ms after which API Gateway has ended every connection, and a little. */
const maxAgeMs = 2.25 * 60 * 60 * 1000;

/** Rows of connections that a process remembers: as many as may be open at once, and those they were before. */
const maxKnown = 5000;

const prefix = "live ";

const connectionRow = z.object({
  pk: z.string(),
  keyId: z.string(),
  tokenHash: z.string(),
  /** The message that it asked by; none before it asked. */
  configuration: z.string().optional(),
  /** What changed after this moment and up to that is caught up with, and none of the push's business. */
  after: z.string().default(""),
  upTo: z.string().default(""),
  at: z.string(),
});

/** A reader of the live feed. */
export interface Connection {
  id: string;
  keyId: string;
  /** Of the key that it came in by. */
  tokenHash: string;
  configuration: LiveConfiguration | null;
  after: string;
  upTo: string;
  /** Another one whenever it asks for something else. */
  version: string;
}

/**
 * The connections that are open, a row each. A row's place in their list is another one whenever the row changes, so
 * that a process which has read a row knows it by its place, and listing them costs one query.
 */
export class LiveConnections {
  readonly #dynamo: Dynamo;
  readonly #monotonicClock: MonotonicClock;
  readonly #clock: () => number;
  readonly #known = new Map<string, Connection>();

  constructor(dynamo: Dynamo, monotonicClock: MonotonicClock, clock: () => number) {
    this.#dynamo = dynamo;
    this.#monotonicClock = monotonicClock;
    this.#clock = clock;
  }

  async add(id: string, { keyId, tokenHash }: Pick<Connection, "keyId" | "tokenHash">): Promise<void> {
    const ttl = ttlAt(this.#clock() + maxAgeMs);
    const indexed = { byTime: lists.connections, at: this.#newIndexKey(id) };
    await this.#dynamo.update({ pk: rowOf(id), set: { keyId, tokenHash, ttl, ...indexed } });
  }

  /** Keeps what it asks for, and which moments it is caught up with from other than the push. Null where it is not open any more. */
  async configure(
    id: string,
    message: string,
    caughtUp: Pick<Connection, "after" | "upTo">,
  ): Promise<Connection | null> {
    const indexed = { at: this.#newIndexKey(id) };
    const condition = "attribute_exists(#pk)";
    const { applied } = await this.#dynamo.update({
      pk: rowOf(id),
      set: { configuration: message, ...caughtUp, ...indexed },
      condition,
    });
    return applied ? this.find(id) : null;
  }

  async find(id: string): Promise<Connection | null> {
    const row = await this.#dynamo.get(rowOf(id));
    return row === null ? null : connectionOf(row);
  }

  async remove(id: string): Promise<void> {
    await this.#dynamo.remove(rowOf(id));
  }

  async ids(): Promise<string[]> {
    return (await this.#entries()).map(({ pk }) => idOf(pk));
  }

  async all(): Promise<Connection[]> {
    const entries = await this.#entries();
    const unknown = entries.filter(({ at }) => !this.#known.has(at));
    if (unknown.length > 0) {
      const rows = await this.#dynamo.getAll(unknown.map(({ pk }) => pk));
      if (this.#known.size + rows.size > maxKnown) this.#known.clear();
      for (const row of rows.values()) this.#known.set(String(row["at"]), connectionOf(row));
    }
    return entries.flatMap(({ at }) => this.#known.get(at) ?? []);
  }

  async #entries(): Promise<IndexEntry[]> {
    const entries: IndexEntry[] = [];
    const shards = [{ index: "byTime" as const, hash: lists.connections }];
    for await (const entry of queryShards(this.#dynamo, { shards, order: "ascending" })) entries.push(entry);
    return entries;
  }

  #newIndexKey(id: string): string {
    return `${this.#monotonicClock.next()} ${id}`;
  }
}

function rowOf(id: string): string {
  return `${prefix}${id}`;
}

function idOf(pk: string): string {
  return pk.slice(prefix.length);
}

function connectionOf(row: Item): Connection {
  const { pk, configuration, at, ...rest } = connectionRow.parse(row);
  const read = configuration === undefined ? null : readConfiguration(configuration);
  return {
    ...rest,
    id: idOf(pk),
    configuration: read === null || "error" in read ? null : read,
    version: at,
  };
}
