import { setTimeout as pause } from "node:timers/promises";
import { keyIsFull, type LiveConfiguration, readConfiguration } from "@gatepost/core/live";
import { hourMs } from "@gatepost/protocol";
import { type Entry, equals, type Item, present, ttlAt } from "@gatepost/store";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { forEachLimit } from "../dynamo/groups.ts";
import { textOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { type MonotonicClock, sequenceAt, timeOf } from "../dynamo/monotonic-clock.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { emptyAudience, enterAudience } from "../events/audience.ts";

/** ms after which API Gateway has surely closed a connection. */
const maxAgeMs = 2.25 * hourMs;

/** ms after which no function brings a connection up to date any more: it may take 29 s, by another clock. */
const abandonedAfterMs = 40_000;

/** Most live connections of one key: the publisher keeps the configuration of each, and sends to each. */
const maxOfKey = 100;

/**
 * Connections of a full key whose state is asked for when another client arrives, and ms after which API Gateway knows
 * them.
 */
const askedAfter = 10;
const knownAfterMs = 60_000;

/**
 * ms after a change of a row within which the index must show it, for `waitUntilListed`. Catching up covers events that
 * are made until then.
 */
export const listedWithinMs = 2000;

/** Pauses (ms) between two looks at the index, which mostly shows a row within 50 ms; the last one is repeated. */
const pausesMs = [25, 50, 100, 200];

/** The most looks at the index, even if the clock does not advance. */
const maxLooks = 12;

const prefix = "live ";

/** A sequence after all others. */
const endless = "~";

const connectionRow = z.object({
  pk: z.string(),
  keyId: z.string(),
  tokenHash: z.string(),
  /** The configuration that the client sent last; absent before it sent one. */
  configuration: z.string().optional(),
  /** Changes after the first and up to the second sequence are sent by catching up, and not by the publisher. */
  after: z.string().default(""),
  upTo: z.string().default(""),
  behind: z.literal(1).optional(),
  owedFrom: z.number().default(0),
  at: z.string(),
});

/** Tells which of some connections of a key are over. */
export type EndedOf = (keyId: string, ids: readonly string[]) => Promise<readonly string[]>;

/** One connection of a client. */
export interface Connection {
  id: string;
  keyId: string;
  /** The hash of the token that it connected with. */
  tokenHash: string;
  configuration: LiveConfiguration | null;
  after: string;
  upTo: string;
  /** Whether changes up to `upTo` are still to be sent by catching up, while the publisher sends later ones. */
  isBehind: boolean;
  /** The time (ms since 1970) of the oldest change that catching up may still have to send since the handover; 0 before it. */
  owedFrom: number;
  /** Changes with every configuration that it sends, when it is handed over, and when it has caught up. */
  version: string;
}

/**
 * The open connections: one row for each. The index key of a row changes with the row, so a process that remembers a
 * row by its index key knows whether it is current. Listing all of them costs one query.
 */
export class LiveConnections {
  readonly #dynamo: Dynamo;
  readonly #monotonicClock: MonotonicClock;
  readonly #clock: () => number;
  /** The last list, by index keys. */
  #known = new Map<string, Connection>();

  constructor(dynamo: Dynamo, monotonicClock: MonotonicClock, clock: () => number) {
    this.#dynamo = dynamo;
    this.#monotonicClock = monotonicClock;
    this.#clock = clock;
  }

  /**
   * Notes a connection. Resolves once every process publishes to it. Throws 429 if its key has all its connections; a
   * few more of simultaneous clients get in, because the index lags.
   *
   * @param endedOf returns the closed ones of some connections of a key. API Gateway does not always say when one ends,
   * and a function may be ended before its client is let in: without it such a row would take a place for hours.
   */
  async add(
    id: string,
    { keyId, tokenHash }: Pick<Connection, "keyId" | "tokenHash">,
    endedOf: EndedOf,
  ): Promise<void> {
    await this.#refuseIfFull(keyId, endedOf);
    await enterAudience(this.#dynamo, { now: this.#clock(), lastsMs: maxAgeMs });
    // The first clients wait for seconds before they are let in, and have no rows until then: many may have come together.
    await this.#refuseIfFull(keyId, endedOf);
    const ttl = ttlAt(this.#clock() + maxAgeMs);
    const indexed = { byTime: lists.connections, byBox: lists.connectionsOf(keyId), at: this.#newIndexKey(id) };
    await this.#dynamo.update({ pk: rowOf(id), set: { keyId, tokenHash, ttl, ...indexed } });
  }

  /**
   * Stores a client's configuration. If it asks for all changes after a sequence, they are sent by catching up until
   * the publisher takes over. Null if the connection is no longer open.
   */
  async configure(id: string, message: string, after: string | null): Promise<Connection | null> {
    const indexed = { at: this.#newIndexKey(id) };
    const caughtUp = after === null ? { after: "", upTo: "" } : { after, upTo: endless };
    const set = { configuration: message, ...caughtUp, ...indexed };
    const { applied } = await this.#dynamo.update({ pk: rowOf(id), set, remove: ["behind"], when: present() });
    return applied ? this.find(id) : null;
  }

  /**
   * Lets the publisher send the changes after a sequence. Null if the connection is no longer open, or its client has
   * sent another configuration.
   *
   * @param owedFrom the time (ms since 1970) of the oldest change that catching up may still have to send
   */
  async handOver(connection: Connection, upTo: string, owedFrom: number): Promise<Connection | null> {
    const { id, version } = connection;
    const at = this.#newIndexKey(id);
    const set = { upTo, at, behind: 1, owedFrom };
    const { applied } = await this.#dynamo.update({ pk: rowOf(id), set, when: equals("at", version) });
    return applied ? { ...connection, upTo, isBehind: true, owedFrom, version: at } : null;
  }

  /**
   * Notes that a client that was handed over has got every change up to `upTo`. Returns false if the connection is no
   * longer open, or its client has sent another configuration.
   */
  async noteCaughtUp({ id, version }: Connection): Promise<boolean> {
    const set = { at: this.#newIndexKey(id) };
    const when = equals("at", version);
    const { applied } = await this.#dynamo.update({ pk: rowOf(id), set, remove: ["behind"], when });
    return applied;
  }

  /**
   * Waits until the index shows a connection as it is: from then on every publisher finds it so. `hidden` if the index
   * does not show it in time, `replaced` if the connection is no longer open, or its client has sent another
   * configuration.
   *
   * @param changedAt when the row began to change (ms since 1970), by the clock of this process
   */
  async waitUntilListed({ id, version }: Connection, changedAt: number): Promise<"listed" | "hidden" | "replaced"> {
    for (let look = 0; look < maxLooks; look++) {
      const isShown = await this.#isShown(version);
      if (this.#clock() > changedAt + listedWithinMs) break;
      if (isShown) return "listed";
      await pause(pausesMs[look] ?? pausesMs.at(-1));
    }
    return (await this.find(id))?.version === version ? "hidden" : "replaced";
  }

  async #isShown(version: string): Promise<boolean> {
    const list = { index: "byTime", hash: lists.connections, from: version, to: version } as const;
    const { keys } = await this.#dynamo.keys({ ...list, order: "ascending", limit: 1 }, undefined);
    return keys.length > 0;
  }

  /** A connection whose row cannot be read is without a key, as in the list: the caller ends it. */
  async find(id: string): Promise<Connection | null> {
    const row = await this.#dynamo.get(rowOf(id));
    return row === null ? null : (readable(row) ?? keyless(rowOf(id), ""));
  }

  async remove(id: string): Promise<void> {
    await this.#dynamo.remove(rowOf(id));
  }

  async ids(): Promise<string[]> {
    return (await this.#entries()).map(({ pk }) => idOf(pk));
  }

  /** A connection whose row cannot be read is listed without a key: the publisher ends it, and its client connects again. */
  async all(): Promise<Connection[]> {
    const entries = await this.#entries();
    const unknown = entries.filter(({ at }) => !this.#known.has(at));
    const rows =
      unknown.length === 0 ? new Map<string, Item>() : await this.#dynamo.getAll(unknown.map(({ pk }) => pk));
    const listed = new Map<string, Connection>();
    for (const { pk, at } of entries) {
      const row = rows.get(pk);
      // The index lags behind the row, so the row may be newer than its entry.
      const connection = row === undefined ? this.#known.get(at) : (readable(row) ?? keyless(pk, at));
      if (connection !== undefined) listed.set(connection.version, connection);
    }
    this.#known = listed;
    return [...listed.values()];
  }

  /** Notes that no connection is open. */
  async noteNone(): Promise<void> {
    await emptyAudience(this.#dynamo, { now: this.#clock(), lastsMs: maxAgeMs });
  }

  async #entries(): Promise<Entry[]> {
    const entries: Entry[] = [];
    const shards = [{ index: "byTime" as const, hash: lists.connections }];
    for await (const entry of queryShards(this.#dynamo, { shards, order: "ascending" })) entries.push(entry);
    return entries;
  }

  async #refuseIfFull(keyId: string, endedOf: EndedOf): Promise<void> {
    const open = await this.#openOf(keyId);
    if (open.length < maxOfKey) return;
    const known = open.filter(({ at }) => timeOf(at) < this.#clock() - knownAfterMs);
    const ended = await endedOf(keyId, anyOf(known.map(({ pk }) => idOf(pk))));
    await forEachLimit(ended, (id) => this.remove(id));
    if (open.length - ended.length >= maxOfKey) throw keyIsFull(maxOfKey);
  }

  /** The connections of a key that may be open, as far as matters. A row whose time is over may be there still. */
  async #openOf(keyId: string): Promise<Entry[]> {
    const from = sequenceAt(this.#clock() - maxAgeMs);
    const list = { index: "byBox", hash: lists.connectionsOf(keyId), from, to: endless } as const;
    const { keys } = await this.#dynamo.keys({ ...list, order: "descending", limit: 2 * maxOfKey }, undefined);
    return keys.map((row) => ({ pk: textOf(row, "pk"), at: textOf(row, "at") }));
  }

  #newIndexKey(id: string): string {
    return `${this.#monotonicClock.next()} ${id}`;
  }
}

/**
 * Whether no function brings a connection up to date any more, though it needs that: the function was ended in the
 * middle, before or after the handover.
 */
export function isAbandoned({ upTo, isBehind, version }: Connection, now: number): boolean {
  return (upTo === endless || isBehind) && timeOf(version) < now - abandonedAfterMs;
}

/** Some of many, any of them: those that are over may be the oldest or the newest. */
function anyOf(ids: readonly string[]): string[] {
  const drawn = Array.from({ length: askedAfter }, () => ids[Math.floor(Math.random() * ids.length)] ?? []);
  return [...new Set(drawn.flat())];
}

function rowOf(id: string): string {
  return `${prefix}${id}`;
}

function idOf(pk: string): string {
  return pk.slice(prefix.length);
}

function keyless(pk: string, version: string): Connection {
  const nothing = { keyId: "", tokenHash: "", configuration: null, after: "", upTo: "", isBehind: false, owedFrom: 0 };
  return { ...nothing, id: idOf(pk), version };
}

/** Null if the row cannot be read. */
function readable(row: Item): Connection | null {
  const { data } = connectionRow.safeParse(row);
  return data === undefined ? null : connectionOf(data);
}

function connectionOf({ pk, configuration, behind, at, ...rest }: z.output<typeof connectionRow>): Connection {
  const read = configuration === undefined ? null : readConfiguration(configuration);
  return {
    ...rest,
    isBehind: behind === 1,
    id: idOf(pk),
    configuration: read === null || "error" in read ? null : read,
    version: at,
  };
}
