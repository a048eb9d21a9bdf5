import { merge } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";

/** Events of a person that are looked at, at most. */
const maxEvents = 20_000;

const pageSize = 500;
const maxNames = 20;

/** What there is of a person's id at one box. Times are ISO instants. */
export interface PersonAtBox {
  box: string;
  id: string;
  /** As the box called them, the latest first. */
  names: string[];
  type: string;
  events: number;
  pictures: number;
  quarantine: number;
  first: string;
  last: string;
  /** The id of the latest event. */
  latest: string;
}

/** What there is of a person, by box; `isExact` is false where there is more than was looked at. */
export async function peopleOf(
  id: string,
  { events, quarantine }: Pick<ApiPorts, "events" | "quarantine">,
): Promise<{ people: PersonAtBox[]; isExact: boolean }> {
  const people = new Map<string, PersonAtBox>();
  let looked = 0;
  let cursor: string | null = null;
  do {
    const page = await events.list({ person: id }, { limit: pageSize, cursor });
    for (const event of page.items.map(merge)) {
      const box = event.box.id;
      const known = people.get(box) ?? {
        ...{ box, id, names: [], type: event.person.type, events: 0, pictures: 0, quarantine: 0 },
        ...{ first: event.time, last: event.time, latest: event.id },
      };
      const { name } = event.person;
      const isNew = name !== null && !known.names.includes(name) && known.names.length < maxNames;
      people.set(box, {
        ...known,
        names: isNew ? [...known.names, name] : known.names,
        events: known.events + 1,
        pictures: known.pictures + Object.keys(event.pictures).length,
        first: event.time,
      });
    }
    for (const [box, ofBox] of Map.groupBy(page.items, (event) => event.box)) {
      const known = people.get(box);
      const records = await quarantine.countOf(ofBox.map((event) => event.id));
      if (known !== undefined) people.set(box, { ...known, quarantine: known.quarantine + records });
    }
    looked += page.items.length;
    cursor = page.next;
  } while (cursor !== null && looked < maxEvents);
  return { people: [...people.values()].sort((a, b) => (a.box < b.box ? -1 : 1)), isExact: cursor === null };
}
