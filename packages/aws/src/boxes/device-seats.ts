import { setTimeout as pause } from "node:timers/promises";
import { dayMs, limits, parseStored, storedJson } from "@gatepost/protocol";
import { absent, equals, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";

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
 * its last event, its seat is free for the next device. Seats that a process asks for at the same time, as for the
 * reports of one body, are one write.
 */
export class DeviceSeats {
  readonly #dynamo: Dynamo;
  readonly #turns = new Map<string, Turn[]>();

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  /** Takes a seat for the row of a device. Returns false where the box has none left. */
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

  /** Null where another process has written the seats since they were read. */
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
