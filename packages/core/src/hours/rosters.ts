import { randomBytes } from "node:crypto";
import { idOf, storedJson } from "@gatepost/protocol";
import {
  absent,
  all,
  any,
  asRead,
  type Condition,
  compare,
  equals,
  type Item,
  type Items,
  type List,
  listOf,
  placeAt,
  present,
} from "@gatepost/store";
import * as z from "zod/mini";
import { listOfPeople, rosterVersions } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";
import { storedBoxes } from "../sites/libraries.ts";
import { expiryOfDay, keepFor } from "./kept.ts";
import { lastDayOf } from "./schedule.ts";

/** `roster HASH`: the days of a person of a site in a month, as a manager has planned them. */
const rosters = new RecordKind(
  "roster ",
  z.object({
    site: z.string(),
    month: z.string(),
    library: z.string(),
    key: z.string(),
    id: z.string(),
    boxes: storedBoxes,
    /** The schedule of each day as `2026-11-18`; null on a free day. */
    days: storedJson(z.record(z.string(), z.nullable(z.string()))),
  }),
);

/**
 * `roster-month SITE MONTH`: the version of a roster, and whose days it shows (`RosterView`). `writer` is writing this
 * version until `until` (ms since 1970).
 */
const months = new RecordKind(
  rosterVersions,
  z.object({
    rev: z.int(),
    shown: z.optional(z.string()),
    writer: z.optional(z.string()),
    until: z.optional(z.int()),
  }),
);

/** A month of a site, as `2026-11`. */
export interface RosterMonth {
  site: string;
  month: string;
}

/** A roster as it is read: the same people and days have other versions in another view. */
export interface RosterView extends RosterMonth {
  /** The boxes of the site and their libraries, as a digest. */
  shown: string;
}

/** The digest of a view: of the boxes of a site, in any order, and of whose people they know. */
export function viewDigest(boxes: readonly string[], libraryOf: (box: string) => string): string {
  return idOf(
    "per",
    boxes.toSorted().map((box) => [box, libraryOf(box)]),
  );
}

/** The planned days of a person in a month. */
export interface PersonRoster {
  library: string;
  /** The id of the person as it is compared. */
  key: string;
  id: string;
  /** The boxes at which the person was known; those of the library if it was known at none. */
  boxes: readonly string[];
  /** The schedule of each day as `2026-11-18`; null on a free day. Other days are as without a roster. */
  days: Readonly<Record<string, string | null>>;
}

type MonthHead = ReturnType<typeof months.read>;

/** Raises the version of a roster of which an erased person is gone: who read it before may not write that person again. */
export async function rosterErased({ site, month }: RosterMonth, items: Pick<Items, "write">): Promise<void> {
  await items.write({ pk: months.pk(`${site} ${month}`), add: { rev: 1 }, when: present() });
}

/** ms after which a writer that has not ended is taken for dead. Requests end sooner. */
const writingMs = 60_000;

/** Records that are written at the same time. */
const atOnce = 64;

const listOfMonth = ({ site, month }: RosterMonth): List => ({
  index: "byBox",
  name: listOf("rosters", `${site} ${month}`),
});
/** The list of the rosters of a person. */
export const rostersOfKey = (key: string): List => ({ index: "byPerson", name: `rosters ${idOf("per", [key])}` });
const idOfPerson = ({ site, month }: RosterMonth, { library, key }: Pick<PersonRoster, "library" | "key">) =>
  idOf("per", [site, month, library, key]);

/** The rosters of sites: which schedule a person has on a day. There is a record for each person and month. */
export class Rosters {
  readonly #items: Items;
  readonly #isAlone: boolean;
  /** The writers that are at work in this process. */
  readonly #writing = new Set<string>();

  /** @param isAlone no other process writes to the store: then a writer that this one does not know has ended */
  constructor(items: Items, { isAlone = false }: { isAlone?: boolean } = {}) {
    this.#items = items;
    this.#isAlone = isAlone;
  }

  /**
   * The version of a roster, which rises with each change, and if it is read in another view than the last time; 0 if there
   * is none. While it is written, it is the version before: who reads then cannot write over it.
   *
   * @param now ms since 1970
   */
  async rev({ site, month, shown }: RosterView, now: number): Promise<number> {
    const id = `${site} ${month}`;
    for (;;) {
      const item = await this.#items.get(months.pk(id));
      if (item === null) return 0;
      const head = months.read(item);
      if (this.#isWritten(head, now)) return head.rev - 1;
      if (head.shown === shown) return head.rev;
      const rev = head.rev + 1;
      const raised = months.change(id, { set: { rev, shown }, when: asRead(item, ["rev", "writer"]) });
      if ((await this.#items.write(raised)).applied) return rev;
    }
  }

  #isWritten({ writer, until = 0 }: Pick<MonthHead, "writer" | "until">, now: number): boolean {
    if (writer === undefined) return false;
    return this.#isAlone ? this.#writing.has(writer) : until > now;
  }

  /**
   * The people of a roster, in any order. One who was written within the last second may be missing on AWS.
   *
   * @param only these people, as they are now
   */
  async of(month: RosterMonth, only?: readonly Pick<PersonRoster, "library" | "key">[]): Promise<PersonRoster[]> {
    const found: PersonRoster[] = [];
    for await (const item of only === undefined ? this.#listed(month) : await this.#chosen(month, only)) {
      const { site: _, month: __, ...person } = rosters.read(item);
      found.push(person);
    }
    return found;
  }

  async *#listed(month: RosterMonth): AsyncGenerator<Item> {
    for await (const { item } of this.#items.list({ lists: [listOfMonth(month)], order: "ascending" })) yield item;
  }

  async #chosen(month: RosterMonth, only: readonly Pick<PersonRoster, "library" | "key">[]): Promise<Iterable<Item>> {
    return (await this.#items.getAll(only.map((person) => rosters.pk(idOfPerson(month, person))))).values();
  }

  /**
   * Writes the rosters of some people, in place of earlier ones; one without days is removed. Nothing is written if the
   * version is not `rev` in this view (`changed`), or another writer is at work (`busy`). The version rises before the first of them is
   * written: after a writer that ended in the middle no one can write over `rev`. If several processes write to the store,
   * such a writer that was killed is at work for a minute.
   *
   * @param now ms since 1970
   * @param keptDays days after the month for which hours are kept
   */
  async write(
    { rev, shown, now, keptDays, ...month }: RosterView & { rev: number; now: number; keptDays: number },
    people: readonly PersonRoster[],
  ): Promise<"written" | "changed" | "busy"> {
    const id = `${month.site} ${month.month}`;
    const kept = { byTime: listOfPeople.name, ttl: expiryOfDay(lastDayOf(month.month), keptDays) };
    const writer = randomBytes(9).toString("hex");
    const isRead = all(equals("rev", rev), equals("shown", shown), await this.#isFree(id, now));
    const head = { rev: rev + 1, shown, writer, until: now + writingMs, ...kept, at: placeAt(0, id) };
    this.#writing.add(writer);
    try {
      const begun = await this.#items.write(months.record(id, head, rev === 0 ? any(absent(), isRead) : isRead));
      if (!begun.applied) {
        return begun.previous !== null && this.#isWritten(months.read(begun.previous), now) ? "busy" : "changed";
      }
      for (let from = 0; from < people.length; from += atOnce) {
        const some = people.slice(from, from + atOnce);
        // After a failed one the others are waited for: then the writer has ended.
        const puts = await Promise.allSettled(some.map((person) => this.#put(month, person, kept)));
        for (const put of puts) if (put.status === "rejected") throw put.reason;
      }
      const ended = { remove: ["writer", "until"] as const, when: equals("writer", writer) };
      return (await this.#items.write(months.change(id, ended))).applied ? "written" : "changed";
    } finally {
      this.#writing.delete(writer);
    }
  }

  /** The condition under which no writer is at work. */
  async #isFree(id: string, now: number): Promise<Condition> {
    const isOver = any(absent("until"), compare("until", "<=", now));
    const item = this.#isAlone ? await this.#items.get(months.pk(id)) : null;
    const { writer } = item === null ? {} : months.read(item);
    return writer === undefined || this.#writing.has(writer) ? isOver : any(isOver, equals("writer", writer));
  }

  async #put(month: RosterMonth, person: PersonRoster, kept: { byTime: string; ttl: number }): Promise<void> {
    const id = idOfPerson(month, person);
    if (Object.keys(person.days).length === 0) {
      await this.#items.remove(rosters.pk(id));
      return;
    }
    const placed = { byBox: listOfMonth(month).name, byPerson: rostersOfKey(person.key).name, at: placeAt(0, id) };
    const texts = { boxes: JSON.stringify(person.boxes), days: JSON.stringify(person.days) };
    await this.#items.write(rosters.record(id, { ...person, ...month, ...texts, ...placed, ...kept }, all()));
  }

  /** Keeps the stored ones for so many days after the last day of their months. */
  async keepFor(days: number): Promise<void> {
    await keepFor({ days, lastDayOf: lastDayKept }, this.#items);
  }
}

function lastDayKept(pk: string, item: Item): string | null {
  if (pk.startsWith(months.pk(""))) return lastDayOf(pk.slice(-7));
  const month = pk.startsWith(rosters.pk("")) ? rosters.readable(item)?.month : undefined;
  return month === undefined ? null : lastDayOf(month);
}
