import { dayMs, parseStored, storedJson, toStoredJson } from "@gatepost/protocol";
import {
  type BoxStore,
  boxRecordSchema,
  lookAtOf,
  type Pauses,
  type Reception,
  readableOf,
  receptionSchema,
  type StoredBox,
  UnusableBox,
  usable,
  type Watchable,
} from "@gatepost/query";
import * as z from "zod/mini";
import type { ConditionalResult, Dynamo, KeyPage } from "../dynamo/dynamo.ts";
import { isExpired, ttlAt, ttlOver } from "../dynamo/expiry.ts";
import { indexKey, timeText } from "../dynamo/index-keys.ts";
import { type Item, textOf } from "../dynamo/item.ts";
import type { ItemUpdate } from "../dynamo/item-update.ts";
import * as lists from "../dynamo/lists.ts";
import { sha256Of } from "../s3/objects.ts";

const boxRow = z.object({ record: storedJson(boxRecordSchema), rev: z.int() });
const pausesRow = z.object({ pauses: storedJson(z.record(z.string(), z.int())), rev: z.int() });
const receptionRow = z.object({ reception: storedJson(receptionSchema) });

/** ms that a box is kept after its last sign, and its pauses after the last pause. */
const boxLifetimeMs = 400 * dayMs;
const pausesLifetimeMs = 36 * dayMs;

/** Hours for which pauses are kept: five weeks. */
const keptHours = 5 * 7 * 24 + 1;

/** Keys that one query of the list reads. */
const pageSize = 1000;

/** Tries to write pauses while another process writes them. */
const maxTries = 5;

/** Later than any time: for boxes that need not be checked. */
const never = 9_999_999_999_999;

const boxPrefix = "box ";
const receptionPk = "reception";

/**
 * The place of a box in the list: when it must be checked, and whether it is silent. So no row has to be read for that.
 */
const placeOf = {
  at: (lookAt: number | null, isSilent: boolean, box: string) =>
    indexKey(lookAt ?? never, `${isSilent ? "s" : "r"}${sha256Of(box).slice(0, 32)}`),
  isSilent: (at: string) => at.charAt(timeText(0).length + 1) === "s",
};

/** The watch of boxes reads each one every minute, and logs those that it cannot read. */
const isLoggedByWatch = () => {};

/**
 * The boxes: a row `box BOX` each. Its place in the list `boxes` of the index is the time of its next check, so the
 * index is written only when a check is done. The pauses of a box are in a row of their own, which is written once an
 * hour.
 */
export class DynamoBoxStore implements BoxStore {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async get(box: string): Promise<StoredBox | null> {
    const row = await this.#dynamo.get(boxPrefix + box);
    return usable(box, () => this.#boxOf(row));
  }

  async getAll(boxes: readonly string[]): Promise<StoredBox[]> {
    const rows = await this.#dynamo.getAll(boxes.map((box) => boxPrefix + box));
    return readableOf([...rows.values()], (row) => this.#boxOf(row), isLoggedByWatch);
  }

  async names(): Promise<{ box: string; isSilent: boolean }[]> {
    const names: { box: string; isSilent: boolean }[] = [];
    let after: KeyPage["next"];
    do {
      const { keys, next } = await this.#list({ to: "~", limit: pageSize }, after);
      names.push(...keys.map((key) => ({ box: nameIn(key), isSilent: placeOf.isSilent(textOf(key, "at")) })));
      after = next;
    } while (after !== undefined);
    return names;
  }

  async put({ record, rev }: StoredBox): Promise<boolean> {
    const { box, silentSince, activity, site } = record;
    const life = activity?.life ?? null;
    const { applied } = await this.#write(box, {
      pk: boxPrefix + box,
      set: {
        ...{ record: toStoredJson(boxRecordSchema, record, `box ${box}`), rev: rev + 1, byTime: lists.boxes },
        at: placeOf.at(lookAtOf(record), silentSince !== null, box),
        ...(life === null ? {} : { ttl: ttlAt(life.last + boxLifetimeMs) }),
        ...(site === null ? {} : { byBox: lists.ofSite(site) }),
      },
      remove: [...(life === null ? ["ttl"] : []), ...(site === null ? ["byBox"] : [])],
      ...(rev === 0
        ? { condition: "attribute_not_exists(#pk) OR #ttl <= :now", values: { now: ttlOver(this.#clock()) } }
        : { condition: "#rev = :rev", values: { rev } }),
    });
    return applied;
  }

  async due(now: number, limit: number): Promise<string[]> {
    const { keys } = await this.#list({ to: `${timeText(now)} ~`, limit }, undefined);
    return keys.map(nameIn);
  }

  async pauses(of: Watchable, hours: readonly number[]): Promise<Pauses> {
    const row = await this.#dynamo.get(pausesPk(of));
    const { pauses } = usable(of.box, () => this.#pausesOf(row));
    return Object.fromEntries(
      hours.flatMap((hour) => {
        const pause = pauses[hour];
        return pause === undefined ? [] : [[hour, pause] as const];
      }),
    );
  }

  async addPauses(of: Watchable, added: Pauses): Promise<void> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const row = await this.#dynamo.get(pausesPk(of));
      const { pauses, rev } = usable(of.box, () => this.#pausesOf(row));
      const joined = joinedPauses(pauses, added);
      const { applied } = await this.#write(of.box, {
        pk: pausesPk(of),
        set: { pauses: JSON.stringify(joined), rev: rev + 1, ttl: ttlAt(this.#clock() + pausesLifetimeMs) },
        condition: rev === 0 ? "attribute_not_exists(#rev)" : "#rev = :rev",
        ...(rev === 0 ? {} : { values: { rev } }),
      });
      if (applied) return;
    }
    throw new Error(`the pauses of box ${of.box} are changed by others again and again`);
  }

  async reception(): Promise<Reception | null> {
    const row = await this.#dynamo.get(receptionPk);
    return row === null ? null : parseStored(receptionRow, row, receptionPk).reception;
  }

  async putReception(reception: Reception): Promise<void> {
    await this.#dynamo.update({ pk: receptionPk, set: { reception: JSON.stringify(reception) } });
  }

  /** DynamoDB calls a write invalid that it would refuse again, for example because the row is too large. */
  async #write(box: string, update: ItemUpdate): Promise<ConditionalResult> {
    try {
      return await this.#dynamo.update(update);
    } catch (error) {
      throw error instanceof Error && error.name === "ValidationException" ? new UnusableBox(box, error) : error;
    }
  }

  #list({ to, limit }: { to: string; limit: number }, after: KeyPage["next"]): Promise<KeyPage> {
    return this.#dynamo.keys({ index: "byTime", hash: lists.boxes, from: "0", to, order: "ascending", limit }, after);
  }

  #boxOf(row: Item | null): StoredBox | null {
    if (row === null || (row["ttl"] !== undefined && isExpired(row, this.#clock()))) return null;
    return parseStored(boxRow, row, textOf(row, "pk"));
  }

  #pausesOf(row: Item | null): { pauses: Pauses; rev: number } {
    return row === null ? { pauses: {}, rev: 0 } : parseStored(pausesRow, row, textOf(row, "pk"));
  }
}

function nameIn(key: Item): string {
  return textOf(key, "pk").slice(boxPrefix.length);
}

function pausesPk({ box, device }: Watchable): string {
  return device === null ? `pauses ${box}` : `pauses ${box} ${sha256Of(device)}`;
}

/** The pauses of both, for each hour the longer one, without those that are too old. */
function joinedPauses(known: Pauses, added: Pauses): Pauses {
  const joined = { ...known };
  for (const [hour, pause] of Object.entries(added)) joined[hour] = Math.max(joined[hour] ?? 0, pause);
  const last = Math.max(...Object.keys(joined).map(Number));
  return Object.fromEntries(Object.entries(joined).filter(([hour]) => Number(hour) > last - keptHours));
}
