import {
  type Erased,
  type ErasureLog,
  Erasures,
  type ErasuresHeld,
  erasedName,
  type ImportedErasure,
  type Suppression,
  suppressionMs,
} from "@gatepost/core/erasure";
import { checkLifetimeMs, dayMs, isCheckBox, minuteMs, parseStored, secondMs } from "@gatepost/protocol";
import { absent, any, type Change, compare, placeAt, timeOfPlace, timeText, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo, KeyPage } from "../dynamo/dynamo.ts";
import { forEachLimit } from "../dynamo/groups.ts";
import { isExpired, textOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { RecentCache } from "../dynamo/recent-cache.ts";
import { type ErasureEpoch, propagationMs } from "../pictures/erasure-epoch.ts";

/**
 * ms for which a process uses a list, and its knowledge of the last erasure, without reading again. Together with the
 * lag of the index, and the half minute that a function may run after the comparison, that is less than the time after
 * which an erasure looks again (`propagationMs`).
 */
const knownForMs = 30_000;

/** Most ms until the sweep runs again. */
const sweepsWithinMs = 10 * minuteMs;

/**
 * ms for which a process uses a list if no erasure has begun since: rows may also be changed by hand, for example in a
 * restore.
 */
const unchangedForMs = 10 * minuteMs;

/** ms by which the index may lag: a list that was read sooner after an erasure may not have it. */
const lagMs = 2 * minuteMs;

/**
 * ms by which a passing may be before an erasure and counts as after it: the clocks of processes and boxes differ, and
 * losing a passing is worse than storing it.
 */
export const marginMs = 10 * secondMs;

const maxKnown = 20_000;

/** Rows that one query reads. */
const pageSize = 2000;

/** The key of the hashes. It is a row, so every backup of the table contains it. */
const secretRow = "secret suppression";
const secret = z.lazy(() => z.object({ secret: z.string() }));

/** The row of an erasure. One at every box has further rows, for the copies of its list. */
const rowOf = (name: string, copy = 0) => `suppressed ${name}${copy === 0 ? "" : `#${copy}`}`;
const nameIn = (pk: string) => pk.slice(rowOf("").length).replace(/#\d$/, "");

interface Deps {
  dynamo: Pick<Dynamo, "keys" | "getAll">;
  epoch: Pick<ErasureEpoch, "refresh" | "isUnchangedSince">;
  clock(): number;
}

interface ListedErasures {
  times: ReadonlyMap<string, number>;
  /** ms */
  readAt: number;
  /** ms since 1970 when the oldest of them no longer counts. */
  countsUntil: number;
}

/**
 * The erasures whose events may be sent again: one row for each, in the list of its box. The index keys have all that
 * is needed. A list may have thousands of entries, and every process reads it: so it is read again only if an erasure
 * has begun since, which a single row shows.
 */
export class DynamoSuppression implements Suppression {
  readonly #deps: Deps;
  readonly #known = new RecentCache<ListedErasures>(maxKnown);
  readonly #ofEveryBox = lists.suppressedCopies[Math.floor(Math.random() * lists.suppressedCopies.length)] ?? "";
  readonly #reading = new Map<string, { times: Promise<ListedErasures["times"]>; begunAt: number }>();
  #key: Uint8Array | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async of(box: string): Promise<ErasuresHeld> {
    const times = await Promise.all([lists.suppressedAt(box), this.#ofEveryBox].map((list) => this.#find(list)));
    const areNone = times.every(({ size }) => size === 0);
    const erasures = new Erasures(times, areNone ? new Uint8Array() : await this.#readKey(), marginMs);
    return { erasures, [Symbol.dispose]: () => {} };
  }

  async #find(list: string): Promise<ListedErasures["times"]> {
    const now = this.#deps.clock();
    const known = this.#known.find(list, now - unchangedForMs);
    if (known !== undefined && (await this.#isCurrent(known, now))) return known.times;
    // The read of another report may have begun before Lambda stopped the process: it fails, or lacks later erasures.
    const reading = this.#reading.get(list);
    if (reading === undefined || now - reading.begunAt >= knownForMs) return this.#readNow(list);
    return reading.times.catch(() => this.#readNow(list));
  }

  #readNow(list: string): Promise<ListedErasures["times"]> {
    const now = this.#deps.clock();
    const times = this.#read(list, now - suppressionMs)
      .then((read) => {
        // The index returns them in the order of their times.
        const [oldest = now] = read.values();
        this.#known.note(list, { times: read, readAt: now, countsUntil: oldest + suppressionMs }, now);
        return read;
      })
      .finally(() => this.#reading.delete(list));
    this.#reading.set(list, { times, begunAt: now });
    return times;
  }

  async #isCurrent({ readAt, countsUntil }: ListedErasures, now: number): Promise<boolean> {
    if (now - readAt < knownForMs) return true;
    await this.#deps.epoch.refresh();
    return now <= countsUntil && this.#deps.epoch.isUnchangedSince(readAt - lagMs);
  }

  async #read(hash: string, since: number): Promise<ListedErasures["times"]> {
    const range = {
      index: "byBox",
      hash,
      from: timeText(since),
      to: "~",
      order: "ascending",
      limit: pageSize,
    } as const;
    const times = new Map<string, number>();
    let page: KeyPage = { keys: [], next: undefined };
    do {
      page = await this.#deps.dynamo.keys(range, page.next);
      for (const row of page.keys) {
        times.set(nameIn(textOf(row, "pk")), timeOfPlace(textOf(row, "at")));
      }
    } while (page.next !== undefined);
    return times;
  }

  async #readKey(): Promise<Uint8Array> {
    if (this.#key !== null) return this.#key;
    const row = (await this.#deps.dynamo.getAll([secretRow])).get(secretRow);
    this.#key = Buffer.from(parseStored(secret, row, secretRow).secret, "base64url");
    return this.#key;
  }
}

const suppressedRow = z.lazy(() => z.object({ at: z.string(), ttl: z.number() }));

/** ms for which AWS keeps copies of rows and of bus entries. */
const copies = { stream: dayMs, archive: 14 * dayMs, backups: 35 * dayMs };

/** ms for which a bucket with versions keeps an erased object: a day, counted from midnight. */
const versionsMs = 2 * dayMs;

interface ErasureLogPorts {
  dynamo: Dynamo;
  clock(): number;
  /** Whether the bucket has versions, because it is copied to another region. */
  hasVersions: boolean;
}

/** What the API shows about erasures. */
export class DynamoErasureLog implements ErasureLog {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;
  readonly #hasVersions: boolean;

  constructor({ dynamo, clock, hasVersions }: ErasureLogPorts) {
    this.#dynamo = dynamo;
    this.#clock = clock;
    this.#hasVersions = hasVersions;
  }

  async suppressedSince(person: string, boxes: readonly (string | null)[]): Promise<number | null> {
    const key = await keyOf(this.#dynamo);
    const rows = await this.#dynamo.getAll(boxes.map((box) => rowOf(erasedName({ person, box }, key))));
    const live = [...rows.values()].filter((row) => !isExpired(row, this.#clock()));
    const times = live.map((row) => timeOfPlace(parseStored(suppressedRow, row, "an erasure").at));
    return times.length === 0 ? null : Math.max(...times);
  }

  async subjectOf(person: string): Promise<string> {
    return erasedName({ person, box: null }, await keyOf(this.#dynamo));
  }

  /** The sweep removes pictures some minutes later. The rest are copies that AWS keeps on its own. */
  agesOut(now: number) {
    const removed = now + propagationMs + sweepsWithinMs;
    return [
      { what: "pictures", goneBy: removed },
      ...(this.#hasVersions ? [{ what: "versions", goneBy: removed + versionsMs }] : []),
      ...Object.entries(copies).map(([what, ms]) => ({ what, goneBy: now + ms })),
    ];
  }
}

/** Notes an erasure before it begins. A repeated one counts from its last time. */
export async function noteErased(
  dynamo: Pick<Dynamo, "update" | "get">,
  erased: Erased,
  { box, at }: { box: string | null; at: number },
): Promise<void> {
  const name = erasedName(erased, await keyOf(dynamo));
  for (const update of suppressedUpdates(name, { box, at })) await dynamo.update(update);
}

/** The time once the table has answered: before, a process may have been asleep, and not know it. */
export async function timeOfAnswer({
  dynamo,
  clock,
}: {
  dynamo: Pick<Dynamo, "get">;
  clock(): number;
}): Promise<number> {
  await dynamo.get(secretRow);
  return clock();
}

function suppressedUpdates(name: string, { box, at }: { box: string | null; at: number }): Change[] {
  const place = placeAt(at, name);
  const ofLists = box === null ? lists.suppressedCopies : [lists.suppressedAt(box)];
  // Each check erases its events. Its report is not sent again later.
  const lifetime = box !== null && isCheckBox(box) ? checkLifetimeMs : suppressionMs;
  return ofLists.map((byBox, copy) => ({
    pk: rowOf(name, copy),
    set: { byBox, at: place, ttl: ttlAt(at + lifetime) },
    when: any(absent("at"), compare("at", "<", place)),
  }));
}

/**
 * Notes erasures under the names of another store. Returns false, and notes nothing, if this store already has its own
 * key for names.
 */
export async function takeErasures(
  dynamo: Pick<Dynamo, "update" | "get">,
  key: Uint8Array,
  erased: readonly ImportedErasure[],
): Promise<boolean> {
  const text = Buffer.from(key).toString("base64url");
  const { previous } = await dynamo.update({ pk: secretRow, setIfAbsent: { secret: text } });
  if (previous !== null && parseStored(secret, previous, secretRow).secret !== text) return false;
  await forEachLimit(erased, async ({ name, box, at }) => {
    for (const update of suppressedUpdates(name, { box, at })) await dynamo.update(update);
  });
  return true;
}

/** The key of the hashes. The first erasure makes it. */
async function keyOf(dynamo: Pick<Dynamo, "update" | "get">): Promise<Uint8Array> {
  const row = await dynamo.get(secretRow);
  if (row !== null) return Buffer.from(parseStored(secret, row, secretRow).secret, "base64url");
  const made = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  const { previous } = await dynamo.update({ pk: secretRow, setIfAbsent: { secret: made } });
  const kept = previous === null ? made : parseStored(secret, previous, secretRow).secret;
  return Buffer.from(kept, "base64url");
}
