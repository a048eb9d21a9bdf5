import { createHash } from "node:crypto";
import { BrokenRow, dayMs, parseStored, storedJson } from "@gatepost/protocol";
import { absent, all, equals, type Items, ItemTooLarge, type List, placeAt, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { BoxLists } from "./box-lists.ts";
import {
  type BoxRecord,
  boxRecordSchema,
  lookAtOf,
  type Pauses,
  pausesSchema,
  type Reception,
  receptionSchema,
  storedRecord,
} from "./record.ts";
import { boxPrefix, ofSite } from "./sites.ts";

/** `box BOX`: the record of a box. `rev` rises with each write. */
const boxes = new RecordKind(boxPrefix, z.object({ record: storedJson(boxRecordSchema), rev: z.int() }));

/**
 * `pauses BOX` and `pauses BOX DEVICE`: the longest pauses of a box or one of its devices, as `[hour, pause, pause,
 * …]`: the pause of the hour, then of the hours after it, in ms; 0 if it is unknown. A list of boxes reads some hundred
 * of these, so only the pauses that are used are checked.
 */
const pausesOf = new RecordKind(
  "pauses ",
  z.object({ pauses: storedJson(z.custom<unknown[]>(Array.isArray)), rev: z.int() }),
);

/** `reception`: when Gatepost received. */
const receptions = new RecordKind("reception", z.object({ reception: storedJson(receptionSchema) }));

/** The boxes by the time of their next check, and then by their states: so their names need no records. */
const byCheck: List = { index: "byTime", name: "boxes" };

/** ms that a box is kept after its last sign, and its pauses after the last pause. */
const boxLifetimeMs = 400 * dayMs;
const pausesLifetimeMs = 36 * dayMs;

/** Hours for which pauses are kept: five weeks. */
const keptHours = 5 * 7 * 24 + 1;

/** Tries to write pauses while another process writes them. */
const maxTries = 5;

/** Later than any time: for boxes that need not be checked. */
const never = 9_999_999_999_999;

/** A box, or one of its devices. */
export interface Watchable {
  box: string;
  /** Null: the box itself. */
  device: string | null;
}

/** A record as it was read. */
export interface StoredBox {
  record: BoxRecord;
  /** Changes with each write; 0 if there is no record yet. */
  rev: number;
}

/**
 * The record of a box cannot be read or written, however often it is tried. Stores throw it for one box; any other
 * error may pass.
 */
export class UnusableBox extends Error {
  constructor(box: string, cause: unknown) {
    super(`the record of box ${box} cannot be used: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Runs `read`, and turns its error into UnusableBox: it would fail again. */
export function usable<Found>(box: string, read: () => Found): Found {
  try {
    return read();
  } catch (cause) {
    throw new UnusableBox(box, cause);
  }
}

interface Deps {
  items: Items;
  /** The clock of the items, ms since 1970. */
  clock(): number;
  /** The number under which the pauses of an hour are stored. Left out: its own. */
  storedHour?(hour: number): number;
}

/**
 * The records of boxes, the rhythm of their pauses, and when Gatepost received. Methods for one box throw `UnusableBox`
 * if its item cannot be read, or can never be written. A box is kept for 400 days after its last sign.
 */
export class BoxStore {
  readonly #items: Items;
  readonly #clock: () => number;
  readonly #storedHour: (hour: number) => number;
  readonly #lists: BoxLists;

  constructor({ items, clock, storedHour = (hour) => hour }: Deps) {
    this.#items = items;
    this.#lists = new BoxLists(items, clock);
    this.#clock = clock;
    this.#storedHour = storedHour;
  }

  /** Null if nothing is stored of the box. */
  async get(box: string): Promise<StoredBox | null> {
    const item = await this.#items.get(boxes.pk(box));
    return item === null ? null : usable(box, () => boxes.read(item));
  }

  /** The stored ones of these boxes that can be read, in any order. The watch of boxes logs the others. */
  async getAll(asked: readonly string[]): Promise<StoredBox[]> {
    const found = await this.#items.getAll(asked.map((box) => boxes.pk(box)));
    return [...found.values()].flatMap((item) => {
      try {
        return [boxes.read(item)];
      } catch (error) {
        if (error instanceof BrokenRow) return [];
        throw error;
      }
    });
  }

  /** The names of all boxes with their states, in any order. Boxes of the last second may be missing. */
  async names(): Promise<{ box: string; isSilent: boolean }[]> {
    const names: { box: string; isSilent: boolean }[] = [];
    for await (const { pk, at } of this.#items.entries({ lists: [byCheck], order: "ascending" }))
      names.push({ box: boxes.id(pk), isSilent: isSilentAt(at) });
    return names;
  }

  /** The names of all boxes, in any order. Boxes of the last second may be missing. */
  async known(): Promise<readonly string[]> {
    const [known = []] = await this.#lists.read([byCheck]);
    return known;
  }

  /** The boxes of a site, by name. Boxes of the last second may be missing. */
  async boxesOf(site: string): Promise<string[]> {
    const [atSite = []] = await this.#lists.read([ofSite(site)]);
    return atSite.toSorted();
  }

  /** The names of all boxes, and of those at a site, as the two methods before. */
  async knownAt(site: string): Promise<{ known: readonly string[]; atSite: readonly string[] }> {
    const [known = [], atSite = []] = await this.#lists.read([byCheck, ofSite(site)]);
    return { known, atSite };
  }

  /**
   * Writes a record, which is then durable, if `rev` is still stored; otherwise it writes nothing and returns false. The
   * box is due from `lookAtOf(record)` on.
   *
   * @param isMoved false if the box is stored at the same site; else the lists of boxes are read again
   */
  async put({ record, rev }: StoredBox, isMoved = true): Promise<boolean> {
    const { box, silentSince, activity, site } = record;
    const last = activity?.life?.last ?? null;
    const at = placeAt(lookAtOf(record) ?? never, `${silentSince === null ? "r" : "s"}${hashOf(box).slice(0, 32)}`);
    const ttl = last === null ? null : ttlAt(last + boxLifetimeMs);
    const placed = { byTime: byCheck.name, at, ttl, byBox: ofSite(site).name };
    const set = { record: JSON.stringify(storedRecord(record)), rev: rev + 1, ...placed };
    const change = usable(box, () => boxes.change(box, { set, when: rev === 0 ? absent() : equals("rev", rev) }));
    if (isMoved) await this.#lists.noteMove();
    return this.#write(box, change);
  }

  /** Boxes that are due by `now` (ms), in the order of their due times. */
  async due(now: number, limit: number): Promise<string[]> {
    const due: string[] = [];
    const range = { lists: [byCheck], to: placeAt(now, "~"), order: "ascending" as const };
    for await (const { pk } of this.#items.entries(range)) if (due.push(boxes.id(pk)) === limit) break;
    return due;
  }

  /** The longest pauses in these hours; hours without a known pause are absent. */
  async pauses(of: Watchable, hours: readonly number[]): Promise<Pauses> {
    const { pauses } = await this.#pausesOf(of);
    const known = hours.flatMap((hour) => {
      const pause = pauseIn(pauses, this.#storedHour(hour));
      return pause === undefined || pause === 0 ? [] : [[hour, pause] as const];
    });
    return checked(of, Object.fromEntries(known));
  }

  /** Notes longest pauses by hour. To note a pause twice, or a shorter one, changes nothing. */
  async addPauses(of: Watchable, added: Pauses): Promise<void> {
    const stored = Object.entries(added).map(([hour, pause]) => [this.#storedHour(Number(hour)), pause] as const);
    for (let tries = 0; tries < maxTries; tries += 1) {
      const { pauses, rev } = await this.#pausesOf(of);
      const known = checked(of, unpacked(pauses));
      const record = {
        pauses: JSON.stringify(packed(joinedPauses(known, stored))),
        rev: rev + 1,
        ttl: ttlAt(this.#clock() + pausesLifetimeMs),
      };
      const change = pausesOf.record(idOf(of), record, rev === 0 ? absent() : equals("rev", rev));
      if (await this.#write(of.box, change)) return;
    }
    throw new Error(`the pauses of box ${of.box} are changed by others again and again`);
  }

  /** When Gatepost received; null before the first beat. */
  async reception(): Promise<Reception | null> {
    const item = await this.#items.get(receptions.pk(""));
    return item === null ? null : receptions.read(item).reception;
  }

  async putReception(reception: Reception): Promise<void> {
    await this.#items.write(receptions.record("", { reception: JSON.stringify(reception) }, all()));
  }

  async #pausesOf(of: Watchable): Promise<{ pauses: unknown[]; rev: number }> {
    const item = await this.#items.get(pausesOf.pk(idOf(of)));
    return item === null ? { pauses: [], rev: 0 } : usable(of.box, () => pausesOf.read(item));
  }

  async #write(box: string, change: Parameters<Rows["write"]>[0]): Promise<boolean> {
    try {
      return (await this.#items.write(change)).applied;
    } catch (error) {
      throw error instanceof ItemTooLarge ? new UnusableBox(box, error) : error;
    }
  }
}

function isSilentAt(at: string): boolean {
  return at.charAt(placeAt(0, "").length) === "s";
}

/** The pause in an hour of a stored list; undefined before and after its hours. */
function pauseIn(stored: unknown[], hour: number): unknown {
  return hour < Number(stored[0]) ? undefined : stored[hour - Number(stored[0]) + 1];
}

function unpacked([from, ...pauses]: unknown[]): Record<string, unknown> {
  const known = pauses.map((pause, at) => [Number(from) + at, pause] as const);
  return Object.fromEntries(known.filter(([, pause]) => pause !== 0));
}

/** The pauses of at most `keptHours` hours, as they are stored. */
function packed(pauses: Pauses): number[] {
  const hours = Object.keys(pauses).map(Number);
  if (hours.length === 0) return [];
  const from = Math.min(...hours);
  const count = Math.max(...hours) - from + 1;
  return [from, ...Array.from({ length: count }, (_, at) => pauses[from + at] ?? 0)];
}

/** Throws UnusableBox if one of these stored pauses is no number of ms. */
function checked(of: Watchable, pauses: Record<string, unknown>): Pauses {
  return usable(of.box, () => parseStored(pausesSchema, pauses, pausesOf.pk(idOf(of))));
}

function idOf({ box, device }: Watchable): string {
  return device === null ? box : `${box} ${hashOf(device)}`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The pauses of both, for each hour the longer one, without pauses that are too old. */
function joinedPauses(known: Pauses, added: readonly (readonly [hour: number, pause: number])[]): Pauses {
  const joined = { ...known };
  for (const [hour, pause] of added) joined[hour] = Math.max(joined[hour] ?? 0, pause);
  const last = Math.max(...Object.keys(joined).map(Number));
  return Object.fromEntries(Object.entries(joined).filter(([hour]) => Number(hour) > last - keptHours));
}
