import { comparable } from "@gatepost/protocol";
import type { Item, Items, List } from "@gatepost/store";
import * as z from "zod/mini";
import { boxesOfSite } from "../boxes/sites.ts";
import { type PersonRecord, type PersonRecords, personRecords } from "../erasure/ports.ts";
import { closedDaysOfKey, correctionsOfKey, lastDaysOfKey, rosterErased, rostersOfKey } from "../hours/index.ts";
import { eraseProfiles } from "../people/index.ts";
import { departuresOfKey } from "../presence/index.ts";
import { rolledOfKey } from "../rolls/index.ts";
import { storedBoxes } from "../sites/index.ts";
import { eraseEnrolledNames } from "../terminals/index.ts";
import { keyOfVisit, visitsOfKey } from "../visits/index.ts";

type PersonItems = Pick<Items, "list" | "entries" | "remove" | "write">;

/** The records about people in all libraries, for an eraser. */
export function personRecordsIn(items: PersonItems): PersonRecords {
  return {
    of: (person) => recordsOf(person, items),
    keyOf: keyOfVisit,
    erase: (erased) => eraseRecords(erased, items),
  };
}

const kinds: Record<PersonRecord["what"], { listOf(key: string): List; idIn(pk: string, item: Item): unknown }> = {
  list: { listOf: rolledOfKey, idIn: (_, item) => item["roll"] },
  departure: { listOf: departuresOfKey, idIn: (pk) => pk },
  correction: { listOf: correctionsOfKey, idIn: (pk) => pk },
  "last-day": { listOf: lastDaysOfKey, idIn: (_, item) => item["leftOn"] },
  visit: { listOf: visitsOfKey, idIn: (_, item) => item["action"] },
  roster: { listOf: rostersOfKey, idIn: (_, item) => item["month"] },
  month: { listOf: closedDaysOfKey, idIn: (_, item) => /\d{4}-\d{2}/.exec(String(item["days"]))?.[0] },
};

async function recordsOf(person: string, items: PersonItems): Promise<PersonRecord[]> {
  const found: PersonRecord[] = [];
  for await (const { pk: _, ...record } of storedRecords(person, items)) found.push(record);
  return found;
}

/** The same, also broken ones, with their keys. */
async function* storedRecords(person: string, items: PersonItems): AsyncGenerator<PersonRecord & { pk: string }> {
  const boxesAt = new Map<string, readonly string[]>();
  const sharing = async (site: string) => {
    const boxes = boxesAt.get(site) ?? (await boxesOfSite(site, items));
    boxesAt.set(site, boxes);
    return boxes;
  };
  for (const what of personRecords) {
    const { listOf, idIn } = kinds[what];
    for await (const { pk, item } of items.list({ lists: [listOf(comparable(person))], order: "ascending" })) {
      const library = String(item["library"] ?? "");
      const boxes = await boxesOfRecord(item, library, sharing);
      const site = typeof item["site"] === "string" ? item["site"] : sharedBy(library);
      yield { pk, what, id: String(idIn(pk, item)), site, boxes: [...new Set(boxes)].toSorted() };
    }
  }
}

/** The boxes of a record: of its library, and those that it names itself if it has none, or the library is of a site. */
async function boxesOfRecord(item: Item, library: string, sharing: (site: string) => Promise<readonly string[]>) {
  const shared = sharedBy(library);
  if (shared !== null) return [...(await sharing(shared)), ...boxesIn(item)];
  return library === "" ? boxesIn(item) : [library];
}

/** The site of a library that several boxes share; null for the library of a box. */
function sharedBy(library: string): string | null {
  return library.startsWith("~") ? library.slice(1) : null;
}

function boxesIn(item: Item): readonly string[] {
  return z.safeParse(storedBoxes, item["boxes"]).data ?? [];
}

/**
 * Removes the records about an erased person: the profile, corrections of presence and hours, the last day, rosters, the
 * days of closed months, the places in evacuation lists, visits, and the names at terminals. A record of a site that
 * shares its people is removed with a box that is at the site, or was when the person was known at it.
 *
 * @param erased at one box, or at every box (null)
 */
async function eraseRecords(erased: { person: string; box: string | null }, items: PersonItems): Promise<void> {
  const { person, box } = erased;
  await eraseProfiles(erased, items);
  for await (const { pk, what, id, site, boxes } of storedRecords(person, items)) {
    if (box !== null && !boxes.includes(box)) continue;
    await items.remove(pk);
    if (what === "roster" && site !== null) await rosterErased({ site, month: id }, items);
  }
  await eraseEnrolledNames(erased, items);
}
