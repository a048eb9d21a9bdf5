import { setTimeout as pause } from "node:timers/promises";
import type { DeviceReader } from "@gatepost/core/boxes";
import type { Log } from "@gatepost/core/log";
import {
  dayMs,
  deviceName,
  hourMs,
  isCheckBox,
  limits,
  merge,
  parseStored,
  type StoredEvent,
  shortName,
  storedJson,
} from "@gatepost/protocol";
import { absent, equals, placeAt, present, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { chunk } from "../dynamo/groups.ts";
import { isExpired } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { RecentCache } from "../dynamo/recent-cache.ts";
import { sha256Of } from "../s3/objects.ts";

/** ms after which a process writes the row of a device again, so that the row outlives its events. */
const touchEveryMs = dayMs;

/** Most devices whose rows a process remembers to have written, and most boxes that it remembers to be full. */
const maxKnown = 20_000;

/** ms for which no further seat is asked for on behalf of a box whose seats are all taken. */
const fullMs = hourMs;

/**
 * Stores which devices exist: one row for each device and box. Each process that gets an event of the device writes it
 * once a day. A box has a limited number of rows.
 */
export class DeviceRegistry {
  readonly #dynamo: Dynamo;
  readonly #log: Log;
  readonly #seats: DeviceSeats;
  readonly #known = new RecentCache<true>(maxKnown);
  readonly #full = new RecentCache<true>(maxKnown);

  constructor(dynamo: Dynamo, log: Log) {
    this.#dynamo = dynamo;
    this.#log = log;
    this.#seats = new DeviceSeats(dynamo);
  }

  /** The event is already durable, so a failure is logged and not thrown: the report need not be sent again. */
  async touch(event: StoredEvent, { now, expiresAt }: { now: number; expiresAt: number }): Promise<void> {
    if (isCheckBox(event.box)) return;
    const device = JSON.stringify(deviceName(merge(event).device));
    const { box } = event;
    const name = JSON.stringify([box, device]);
    if (device === "null" || this.#known.find(name, now - touchEveryMs)) return;
    const hash = sha256Of(name);
    const pk = `device ${hash}`;
    const indexed = { byTime: lists.shardFor(lists.devices, pk), at: placeAt(0, hash) };
    const ttl = ttlAt(expiresAt + 2 * touchEveryMs);
    const isFull = this.#full.find(box, now - fullMs) === true;
    try {
      const { applied, previous } = await this.#dynamo.update({
        pk,
        set: { device, box, ttl, ...indexed },
        ...(isFull ? { when: present() } : {}),
      });
      if (applied && previous === null) await this.#seat(box, pk, now);
      this.#known.note(name, true, now);
    } catch (cause) {
      this.#log.warn("could not note device", { cause });
    }
  }

  /** Removes the row if it has no seat, or if that cannot be found out: the next event asks again. */
  async #seat(box: string, pk: string, now: number): Promise<void> {
    let isSeated = false;
    try {
      isSeated = await this.#seats.take(box, pk, now);
    } finally {
      if (!isSeated) await this.#dynamo.remove(pk);
    }
    if (isSeated) return;
    if (this.#full.find(box, now - fullMs) === true) return;
    this.#full.note(box, true, now);
    this.#log.warn("a box names more devices than are listed", { box, devices: limits.devicesOfBox });
  }
}

/** Rows that are read in one call. */
const batchSize = 100;

const deviceRow = z.lazy(() => z.object({ device: storedJson(z.string()), box: z.string() }));

/** Reads the devices that the registry has stored. */
export class DynamoDeviceReader implements DeviceReader {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async devices(boxes?: readonly string[]): Promise<string[]> {
    const devices = new Set<string>();
    const shards = lists.shardsOf(lists.devices).map((hash) => ({ index: "byTime" as const, hash }));
    for await (const group of chunk(queryShards(this.#dynamo, { shards, order: "ascending" }), () => batchSize)) {
      const rows = await this.#dynamo.getAll(group.map(({ pk }) => pk));
      for (const [pk, row] of rows) {
        if (isExpired(row, this.#clock())) continue;
        const { device, box } = parseStored(deviceRow, row, pk);
        if (boxes === undefined || boxes.includes(box)) devices.add(shortName(device));
      }
      if (devices.size >= limits.devicesListed) break;
    }
    return [...devices].slice(0, limits.devicesListed);
  }
}

/** Tries to write the seats of a box while other processes write them, and ms of the first pause. */
const maxTries = 8;
const pauseMs = 20;

/** ms for which seats are kept after the last new device: longer than any event. */
const keptMs = 800 * dayMs;

const seatsRow = z.object({ rows: storedJson(z.array(z.string())), rev: z.int() });

interface Turn {
  row: string;
  now: number;
  resolve(isSeated: boolean): void;
  reject(cause: unknown): void;
}

/**
 * Limits how many devices a box may have: a row `devices BOX` has the keys of their rows. When a row has expired with
 * its last event, its seat is free for the next device. Seats that a process asks for at the same time, for example for
 * the reports of one body, are one write.
 */
export class DeviceSeats {
  readonly #dynamo: Dynamo;
  readonly #turns = new Map<string, Turn[]>();

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  /** Takes a seat for the row of a device. Returns false if the box has none left. */
  take(box: string, row: string, now: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const waiting = this.#turns.get(box);
      const turn = { row, now, resolve, reject };
      if (waiting !== undefined) waiting.push(turn);
      else {
        const turns = [turn];
        this.#turns.set(box, turns);
        void this.#work(box, turns);
      }
    });
  }

  async #work(box: string, waiting: Turn[]): Promise<void> {
    while (waiting.length > 0) {
      const turns = waiting.splice(0);
      try {
        const seated = await this.#seat(box, turns);
        for (const { row, resolve } of turns) resolve(seated.has(row));
      } catch (cause) {
        for (const { reject } of turns) reject(cause);
      }
    }
    this.#turns.delete(box);
  }

  /** Returns the rows that have seats now. */
  async #seat(box: string, turns: readonly Turn[]): Promise<Set<string>> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      if (tries > 0) await pause(Math.random() * pauseMs * tries);
      const seated = await this.#trySeats(`devices ${box}`, turns);
      if (seated !== null) return seated;
    }
    throw new Error(`the seats of the devices of box ${box} are changed by others again and again`);
  }

  /** Null if another process has written the seats since they were read. */
  async #trySeats(pk: string, turns: readonly Turn[]): Promise<Set<string> | null> {
    const held = (await this.#dynamo.getAll([pk])).get(pk);
    const { rows, rev } = held === undefined ? { rows: [], rev: 0 } : parseStored(seatsRow, held, pk);
    const asked = new Set([...rows, ...turns.map(({ row }) => row)]);
    if (asked.size === rows.length) return asked;
    const now = Math.max(...turns.map((turn) => turn.now));
    const wanted = asked.size <= limits.devicesOfBox ? asked : await this.#withoutGone(rows, asked, now);
    const seated = new Set([...wanted].slice(0, limits.devicesOfBox));
    if (!turns.some(({ row }) => seated.has(row))) return seated;
    const ttl = ttlAt(now + keptMs);
    const { applied } = await this.#dynamo.put(
      { pk, rows: JSON.stringify([...seated]), rev: rev + 1, ttl },
      rev === 0 ? absent() : equals("rev", rev),
    );
    return applied ? seated : null;
  }

  async #withoutGone(rows: readonly string[], asked: ReadonlySet<string>, now: number): Promise<Set<string>> {
    const found = await this.#dynamo.getAll(rows);
    const there = new Set([...found].flatMap(([pk, row]) => (isExpired(row, now) ? [] : [pk])));
    return new Set([...asked].filter((row) => there.has(row) || !rows.includes(row)));
  }
}
