import { all, type Items, type List, present } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** Whether people, presence and hours are switched on, and how long hours are kept. */
export interface PeopleFacts {
  isOn: boolean;
  /** Days for which closed months and corrections of hours are kept; null: as long as events. */
  hoursDays: number | null;
}

/** `people settings`: without it people are on. `hoursDays` is 0 for as long as events. */
const settings = new RecordKind("people ", z.object({ isOn: z.literal([0, 1]), hoursDays: z.int() }));

const only = "settings";

/** The list of all records about people beside events, profiles and schedules. */
export const listOfPeople: List = { index: "byTime", name: "of-people#" };

/** The list of all visits, at the times when they end. */
export const listOfVisits: List = { index: "byTime", name: "visits" };

/** How the names of the versions of rosters begin. */
export const rosterVersions = "roster-month ";

/** Records that are removed at the same time. */
const atOnce = 32;

/** The settings of people, presence and hours. */
export class PeopleSettings {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  async read(): Promise<PeopleFacts> {
    const item = await this.#items.get(settings.pk(only));
    if (item === null) return { isOn: true, hoursDays: null };
    const { isOn, hoursDays } = settings.read(item);
    return { isOn: isOn === 1, hoursDays: hoursDays || null };
  }

  /** Whether people are on, and whether they may have been off before: until these settings are first written, they were not. */
  async state(): Promise<{ isOn: boolean; mayHaveBeenOff: boolean }> {
    const item = await this.#items.get(settings.pk(only));
    return { isOn: item === null || settings.read(item).isOn === 1, mayHaveBeenOff: item !== null };
  }

  async set({ isOn, hoursDays }: PeopleFacts): Promise<void> {
    await this.#items.write(settings.record(only, { isOn: isOn ? 1 : 0, hoursDays: hoursDays ?? 0 }, all()));
  }

  /**
   * Removes corrections of presence and hours, last days, rosters, closed months, evacuation lists, and visits. It
   * may be repeated. One that was written within the last second may stay on AWS. The versions of rosters, which name no
   * one, stay and rise: who read a roster before cannot write over a later one.
   */
  async forget(): Promise<void> {
    await removeListed(listOfPeople, this.#items, (pk) => pk.startsWith(rosterVersions));
    for await (const { pk } of this.#items.list({ lists: [listOfPeople], order: "ascending" })) {
      if (pk.startsWith(rosterVersions)) await this.#items.write({ pk, add: { rev: 1 }, when: present() });
    }
    await removeListed(listOfVisits, this.#items);
  }
}

/** Removes the records of a list, except the ones that stay. */
export async function removeListed(
  list: List,
  items: Pick<Items, "list" | "remove">,
  stays: (pk: string) => boolean = () => false,
): Promise<void> {
  let some: string[] = [];
  const removeSome = () => Promise.all(some.map((pk) => items.remove(pk)));
  for await (const { pk } of items.list({ lists: [list], order: "ascending" })) {
    if (stays(pk)) continue;
    some.push(pk);
    if (some.length < atOnce) continue;
    await removeSome();
    some = [];
  }
  await removeSome();
}
