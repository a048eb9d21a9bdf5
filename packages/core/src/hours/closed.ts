import { randomBytes } from "node:crypto";
import { idOf, personTypes, storedJson } from "@gatepost/protocol";
import { absent, all, type Item, type Items, type List, placeAt } from "@gatepost/store";
import * as z from "zod/mini";
import { listOfPeople } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";
import { storedBoxes } from "../sites/libraries.ts";
import { dayStates, type HoursDay, type UsedPassing } from "./day.ts";
import { expiryOfDay, keepFor } from "./kept.ts";
import { lastDayOf } from "./schedule.ts";

/**
 * `closed-month SITE MONTH`: a closed month of a site, as `2026-10`. `madeAt` is in ms since 1970; `act` names the request
 * that closed it, `closing` its days, and `people` is their number.
 */
const months = new RecordKind(
  "closed-month ",
  z.object({ by: z.string(), madeAt: z.int(), act: z.string(), closing: z.string(), people: z.int() }),
);

const time = z.nullable(z.int());
const text = z.nullable(z.string());

/** A passing as it is stored: a person has up to 1,550 in a month, and a record 400 KB. */
const passing = z.tuple([
  z.string(),
  z.string(),
  text,
  z.int(),
  z.nullable(z.enum(["in", "out"])),
  z.nullable(z.enum(["first-in", "last-out"])),
]);

const closedDay = z.object({
  day: z.string(),
  in: time,
  out: time,
  inEvent: text,
  outEvent: text,
  minutes: time,
  break: z._default(z.int(), 0),
  nightMinutes: z._default(z.int(), 0),
  leaveFrom: z._default(time, null),
  leaveTo: z._default(time, null),
  late: z.int(),
  early: z.int(),
  state: z.enum(dayStates),
  isCorrected: z.boolean(),
  flags: z.array(z.string()),
  schedule: text,
  /** Absent in a month that was closed before passings were kept. */
  passings: z.optional(z.array(passing)),
});

/**
 * `closed-days HASH`: the days of a person in a closed month, as they were then. `known` and `group` may be empty. `boxes`:
 * at which the person was known; absent: in a library that is a box, that box.
 */
const people = new RecordKind(
  "closed-days ",
  z.object({
    library: z.string(),
    key: z.string(),
    id: z.string(),
    known: z.string(),
    group: z.string(),
    type: z.enum(personTypes),
    days: storedJson(z.array(closedDay)),
    boxes: z.optional(storedBoxes),
    site: z.optional(z.string()),
  }),
);

/** Passings of a day that are kept: those that were used, and the first of the others. */
const maxPassings = 50;

/** A day as it is kept. A month that was closed before passings were kept has none. */
export type ClosedDay = Omit<HoursDay, "passings"> & { passings?: readonly UsedPassing[] };

/** The days of a person in a closed month. */
export interface ClosedPerson {
  library: string;
  key: string;
  id: string;
  name: string | null;
  type: (typeof personTypes)[number];
  group: string | null;
  /** The boxes at which the person was known. */
  boxes: readonly string[];
  days: ClosedDay[];
  /** Some of the boxes are not seen by the reader. */
  isPart?: true;
}

const listOfClosing = (closing: string): List => ({ index: "byBox", name: `closed-days ${closing}` });
/** The list of the closed days of a person. */
export const closedDaysOfKey = (key: string): List => ({
  index: "byPerson",
  name: `closed-days ${idOf("per", [key])}`,
});

const idOfRow = (closing: string, { library, key }: Pick<ClosedPerson, "library" | "key">) =>
  idOf("per", [closing, library, key]);

/** Records that are written at the same time. */
const atOnce = 16;

interface Closing {
  site: string;
  month: string;
  by: string;
  /** ms since 1970. */
  at: number;
  keptDays: number;
  act: string;
}

/** The closed months of sites. The days of a closed month never change, except that an erased person is gone from it. */
export class ClosedMonths {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  /** When (ms), by whom and by which request a month of so many people was closed; null if it is open. */
  async get(
    site: string,
    month: string,
  ): Promise<{ site: string; by: string; at: number; act: string; closing: string; people: number } | null> {
    const item = await this.#items.get(months.pk(`${site} ${month}`));
    if (item === null) return null;
    const { madeAt, ...facts } = months.read(item);
    return { site, ...facts, at: madeAt };
  }

  /**
   * The people of a closed month, in any order.
   *
   * @param ofKey only the rows of people with this id, as it is compared
   */
  async people({ closing }: { site: string; closing: string }, ofKey?: string): Promise<ClosedPerson[]> {
    const found: ClosedPerson[] = [];
    const list = ofKey === undefined ? listOfClosing(closing) : closedDaysOfKey(ofKey);
    for await (const { pk, item } of this.#items.list({ lists: [list], order: "ascending" })) {
      const { known, group, days, site: _, ...person } = people.read(item);
      if (pk !== people.pk(idOfRow(closing, person))) continue;
      const { library, boxes = library.startsWith("~") ? [] : [library] } = person;
      found.push({ ...person, days: days.map(readDay), boxes, name: known || null, group: group || null });
    }
    return found;
  }

  /**
   * Closes a month with these days, which are kept for some days after its last one. A month that was closed meanwhile
   * stays as it is; then it returns false.
   *
   * @param act names the request
   */
  async close({ site, month, by, at, keptDays, act }: Closing, of: readonly ClosedPerson[]): Promise<boolean> {
    // If two closings run at once, each writes its own days.
    const closing = randomBytes(12).toString("hex");
    const kept = { byTime: listOfPeople.name, ttl: expiryOfDay(lastDayOf(month), keptDays) };
    const ids = of.map((person) => idOfRow(closing, person));
    await inGroups(of, async ({ name, group, days, boxes, isPart: _, ...person }, n) => {
      const id = ids[n] ?? "";
      const lists = {
        byBox: listOfClosing(closing).name,
        byPerson: closedDaysOfKey(person.key).name,
        at: placeAt(0, id),
      };
      const texts = {
        known: name ?? "",
        group: group ?? "",
        days: JSON.stringify(days.map(storedDay)),
        boxes: JSON.stringify(boxes),
        site,
      };
      await this.#items.write(people.record(id, { ...person, ...texts, ...lists, ...kept }, all()));
    });
    // The days first: a closed month has all of them.
    const record = { by, madeAt: at, act, closing, people: of.length, ...kept, at: placeAt(0, `${site} ${month}`) };
    const { applied } = await this.#items.write(months.record(`${site} ${month}`, record, absent()));
    if (!applied) await inGroups(ids, (id) => this.#items.remove(people.pk(id)));
    return applied;
  }

  /** Keeps the stored ones for so many days after the last day of their months. */
  async keepFor(days: number): Promise<void> {
    await keepFor({ days, lastDayOf: lastDayKept }, this.#items);
  }
}

function storedDay({ passings = [], ...day }: ClosedDay): z.infer<typeof closedDay> {
  let room = maxPassings - passings.filter(({ use }) => use !== null).length;
  const kept = passings.filter(({ use }) => use !== null || room-- > 0);
  return {
    ...day,
    passings: kept.map(({ event, box, device, at, direction, use }) => [event, box, device, at, direction, use]),
  };
}

function readDay({ passings, ...day }: z.infer<typeof closedDay>): ClosedDay {
  if (passings === undefined) return day;
  return {
    ...day,
    passings: passings.map(([event, box, device, at, direction, use]) => {
      const by = use === null ? null : direction === null ? "order" : "direction";
      return { event, box, device, at, direction, use, by };
    }),
  };
}

async function inGroups<Part>(parts: readonly Part[], act: (part: Part, n: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < parts.length; from += atOnce) {
    await Promise.all(parts.slice(from, from + atOnce).map((part, n) => act(part, from + n)));
  }
}

function lastDayKept(pk: string, item: Item): string | null {
  if (pk.startsWith(months.pk(""))) return lastDayOf(pk.slice(-7));
  return pk.startsWith(people.pk("")) ? (people.readable(item)?.days.at(-1)?.day ?? null) : null;
}
