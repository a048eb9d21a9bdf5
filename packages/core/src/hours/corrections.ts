import { randomBytes } from "node:crypto";
import { dayMs, idOf } from "@gatepost/protocol";
import { absent, type Item, type Items, type List, listOf, placeAt, timeText } from "@gatepost/store";
import * as z from "zod/mini";
import { listOfPeople } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";
import { storedBoxes } from "../sites/libraries.ts";
import type { Correction } from "./day.ts";
import { expiryOfDay, keepFor } from "./kept.ts";
import { dayNumber, type Span } from "./schedule.ts";

/** `cor_…`: a correction of a day. It is never changed: another one is added, and the newest counts. */
const corrections = new RecordKind(
  "cor_",
  z.object({
    site: z.string(),
    library: z.string(),
    key: z.string(),
    day: z.string(),
    /** `counted` takes an earlier correction back. */
    kind: z.enum(["times", "leave", "counted"]),
    /** ms since 1970; absent: as counted. */
    in: z.optional(z.int()),
    out: z.optional(z.int()),
    /** The part of the day that is leave, ms; absent: all of it. */
    leaveFrom: z.optional(z.int()),
    leaveTo: z.optional(z.int()),
    reason: z.string(),
    by: z.string(),
    madeAt: z.int(),
    /** The day as it was shown before, ms; absent: none. */
    wasIn: z.optional(z.int()),
    wasOut: z.optional(z.int()),
    boxes: z.optional(storedBoxes),
  }),
);

/** The correction of a day of a person by another. Times are ms since 1970, null for none. */
export interface HoursCorrection {
  /** `cor_…` */
  id: string;
  site: string;
  library: string;
  /** The boxes at which the person was known. */
  boxes: readonly string[];
  /** The id of the person as it is compared. */
  key: string;
  /** As `2026-11-18`. */
  day: string;
  kind: "times" | "leave" | "counted";
  in: number | null;
  out: number | null;
  /** The part of the day that is leave; null or absent: all of it. */
  leave?: Span | null;
  reason: string;
  /** The id of the account or key. */
  by: string;
  madeAt: number;
  was: { in: number | null; out: number | null };
}

const listOfSite = (site: string): List => ({ index: "byBox", name: listOf("corrections", site) });
/** The list of the corrections of a person. */
export const correctionsOfKey = (key: string): List => ({
  index: "byPerson",
  name: `corrections ${idOf("per", [key])}`,
});

function correctionIn(id: string, stored: ReturnType<typeof corrections.read>): HoursCorrection {
  const { wasIn = null, wasOut = null, in: first = null, out: last = null, boxes = [], ...others } = stored;
  const { leaveFrom, leaveTo, ...facts } = others;
  const leave = leaveFrom === undefined || leaveTo === undefined ? {} : { leave: [leaveFrom, leaveTo] as const };
  return { id, ...facts, ...leave, boxes, in: first, out: last, was: { in: wasIn, out: wasOut } };
}

/** The corrections of hours by people. */
export class HoursCorrections {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  /**
   * All corrections of days of a site, the oldest first. One that was made within the last second may be missing on AWS.
   *
   * @param range the first and the last day, as `2026-11-18`
   */
  async of(site: string, { from, to }: { from: string; to: string }): Promise<HoursCorrection[]> {
    const found: HoursCorrection[] = [];
    const places = { from: timeText(dayNumber(from) * dayMs), to: `${timeText(dayNumber(to) * dayMs)}~` };
    for await (const { pk, item } of this.#items.list({ lists: [listOfSite(site)], ...places, order: "ascending" })) {
      found.push(correctionIn(pk, corrections.read(item)));
    }
    return found.sort((a, b) => a.madeAt - b.madeAt || (a.id < b.id ? -1 : 1));
  }

  /** Null if there is none. */
  async get(id: string): Promise<HoursCorrection | null> {
    const item = id.startsWith(corrections.pk("")) ? await this.#items.get(id) : null;
    return item === null ? null : correctionIn(id, corrections.read(item));
  }

  /**
   * Adds one; nothing if there is one of this id (`cor_…`).
   *
   * @param keptDays days after its day for which it is kept
   */
  async add(
    { was, ...correction }: Omit<HoursCorrection, "id">,
    keptDays: number,
    id = corrections.pk(randomBytes(9).toString("hex")),
  ): Promise<HoursCorrection> {
    const { leave, ...facts } = correction;
    const { site, key, day, boxes } = facts;
    const record = {
      ...facts,
      leaveFrom: leave?.[0],
      leaveTo: leave?.[1],
      boxes: JSON.stringify(boxes),
      wasIn: was.in,
      wasOut: was.out,
      byTime: listOfPeople.name,
      byBox: listOfSite(site).name,
      byPerson: correctionsOfKey(key).name,
      at: placeAt(dayNumber(day) * dayMs, id),
      ttl: expiryOfDay(day, keptDays),
    };
    await this.#items.write(corrections.record(corrections.id(id), record, absent()));
    return { id, ...correction, was };
  }

  /** Keeps the stored ones for so many days after their days. */
  async keepFor(days: number): Promise<void> {
    const lastDayOf = (pk: string, item: Item) =>
      pk.startsWith(corrections.pk("")) ? (corrections.readable(item)?.day ?? null) : null;
    await keepFor({ days, lastDayOf }, this.#items);
  }
}

/** The correction of a day that counts: the newest one. Null: there is none, or the newest takes others back. */
export function newestCorrection(all: readonly HoursCorrection[]): (HoursCorrection & Correction) | null {
  const [newest] = all.toSorted((a, b) => b.madeAt - a.madeAt || (a.id > b.id ? -1 : 1));
  return newest === undefined || newest.kind === "counted" ? null : { ...newest, kind: newest.kind };
}
