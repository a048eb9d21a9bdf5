import { idOf } from "@gatepost/protocol";
import { all, type Item, type Items, type List, listOf, placeAt } from "@gatepost/store";
import * as z from "zod/mini";
import { listOfPeople } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";
import { storedBoxes } from "../sites/libraries.ts";
import { expiryOfDay, keepFor } from "./kept.ts";

/** `last-day HASH`: the last day of work of a person of a library, as a manager has set it. */
const lastDays = new RecordKind(
  "last-day ",
  z.object({
    site: z.string(),
    library: z.string(),
    key: z.string(),
    leftOn: z.string(),
    by: z.string(),
    madeAt: z.int(),
    boxes: storedBoxes,
  }),
);

/** The last day of work of a person: no later day is of work. */
export interface LastDay {
  site: string;
  library: string;
  /** The boxes at which the person was known. */
  boxes: readonly string[];
  /** The id of the person as it is compared. */
  key: string;
  /** As `2026-11-20`. */
  leftOn: string;
  /** The id of the account or key. */
  by: string;
  /** ms since 1970. */
  madeAt: number;
}

/** Days for which a last day is kept longer than hours: a person who visits the site later is not absent after it. */
const longerDays = 366;

const listOfSite = (site: string): List => ({ index: "byBox", name: listOf("last-days", site) });
/** The list of the last days of a person. */
export const lastDaysOfKey = (key: string): List => ({ index: "byPerson", name: `last-days ${idOf("per", [key])}` });
const idOfPerson = (library: string, key: string) => idOf("per", [library, key]);

/** The last days of people. A person of a library has one at most. */
export class LastDays {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  /**
   * Those of a site, in any order. One that was set within the last second may be missing on AWS.
   *
   * @param only of these people, as they are now
   */
  async of(site: string, only?: readonly Pick<LastDay, "library" | "key">[]): Promise<LastDay[]> {
    const found: LastDay[] = [];
    for await (const item of only === undefined ? this.#listed(site) : await this.#chosen(only)) {
      const lastDay = lastDays.read(item);
      if (lastDay.site === site) found.push(lastDay);
    }
    return found;
  }

  async *#listed(site: string): AsyncGenerator<Item> {
    for await (const { item } of this.#items.list({ lists: [listOfSite(site)], order: "ascending" })) yield item;
  }

  async #chosen(only: readonly Pick<LastDay, "library" | "key">[]): Promise<Iterable<Item>> {
    return (await this.#items.getAll(only.map(({ library, key }) => lastDays.pk(idOfPerson(library, key))))).values();
  }

  /**
   * Sets the last day of a person, in place of an earlier one.
   *
   * @param keptDays days after it for which hours are kept
   */
  async set(lastDay: LastDay, keptDays: number): Promise<void> {
    const { site, library, key, leftOn, boxes } = lastDay;
    const id = idOfPerson(library, key);
    const record = {
      ...lastDay,
      boxes: JSON.stringify(boxes),
      byTime: listOfPeople.name,
      byBox: listOfSite(site).name,
      byPerson: lastDaysOfKey(key).name,
      at: placeAt(0, id),
      ttl: expiryOfDay(leftOn, keptDays + longerDays),
    };
    await this.#items.write(lastDays.record(id, record, all()));
  }

  /** Takes the last day of a person back, also if none is set. */
  async remove({ library, key }: Pick<LastDay, "site" | "library" | "key">): Promise<void> {
    await this.#items.remove(lastDays.pk(idOfPerson(library, key)));
  }

  /** Keeps the stored ones a year longer than hours, which are kept for so many days. */
  async keepFor(days: number): Promise<void> {
    const lastDayOf = (pk: string, item: Item) =>
      pk.startsWith(lastDays.pk("")) ? (lastDays.readable(item)?.leftOn ?? null) : null;
    await keepFor({ days: days + longerDays, lastDayOf }, this.#items);
  }
}
