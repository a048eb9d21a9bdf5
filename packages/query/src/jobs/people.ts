import { merge } from "@gatepost/protocol";
import type { ListedAction } from "../ports/actions.ts";
import type { ApiPorts } from "../ports/api-ports.ts";
import { registeredAs } from "./registered.ts";

/** Events of a person that are looked at, at most. */
const maxEvents = 20_000;

/** Actions that are looked at, whether somebody was registered by them. */
const maxActions = 20_000;

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

/**
 * What there is of a person, by box; `isExact` is false where there is more than was looked at. Boxes at which a stranger was
 * registered as this person are among them, also where nobody has passed since.
 */
export async function peopleOf(
  id: string,
  deps: Pick<ApiPorts, "events" | "quarantine" | "actionReader">,
): Promise<{ people: PersonAtBox[]; isExact: boolean }> {
  const { events, quarantine } = deps;
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
  const isExact = (await addRegistered(id, people, deps)) && cursor === null;
  return { people: [...people.values()].sort((a, b) => (a.box < b.box ? -1 : 1)), isExact };
}

/** Adds where a stranger was registered as the person. False where there are more actions than are looked at. */
async function addRegistered(
  id: string,
  people: Map<string, PersonAtBox>,
  deps: Pick<ApiPorts, "events" | "quarantine" | "actionReader">,
): Promise<boolean> {
  let cursor: string | null = null;
  for (let looked = 0; looked < maxActions; looked += pageSize) {
    const { named, next }: Awaited<ReturnType<typeof registeredAs>> = await registeredAs(
      id,
      { boxes: null, cursor },
      deps,
    );
    for (const action of named) await addOne(id, action, { people, deps });
    if (next === null) return true;
    cursor = next;
  }
  return false;
}

/** The passing itself is an event of its box; at the others of the order there is only the registration. */
async function addOne(
  id: string,
  { approval, box, eventId }: ListedAction,
  { people, deps }: { people: Map<string, PersonAtBox>; deps: Pick<ApiPorts, "events" | "quarantine"> },
): Promise<void> {
  const stored = await deps.events.get(eventId);
  if (stored === null || approval === null) return;
  const passing = merge(stored);
  const records = await deps.quarantine.countOf([eventId]);
  for (const at of new Set([box, ...approval.boxes.map((one) => one.box), ...approval.earlierBoxes])) {
    const known = people.get(at) ?? {
      ...{ box: at, id, names: [], type: approval.type ?? "employee", events: 0, pictures: 0, quarantine: 0 },
      ...{ first: passing.time, last: passing.time, latest: eventId },
    };
    const { name } = approval;
    const isNew = name !== null && !known.names.includes(name) && known.names.length < maxNames;
    const own = at === box ? { events: 1, pictures: Object.keys(passing.pictures).length, records } : nothingMore;
    people.set(at, {
      ...known,
      names: isNew ? [...known.names, name] : known.names,
      events: known.events + own.events,
      pictures: known.pictures + own.pictures,
      quarantine: known.quarantine + own.records,
      first: passing.time < known.first ? passing.time : known.first,
    });
  }
}

const nothingMore = { events: 0, pictures: 0, records: 0 };
