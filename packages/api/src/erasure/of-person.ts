import type { ListedAction } from "@gatepost/core/actions";
import { merge, type StoredEvent } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";
import { registeredAs } from "./registered.ts";

/** Events of a person that are looked at, at most. */
const maxEvents = 20_000;

/** The number of actions that are searched for registrations. */
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

type Deps = Pick<ApiPorts, "events" | "quarantine" | "actionReader">;

/**
 * The data about a person, by box; `isExact` is false if there is more than was looked at. It includes boxes at which a
 * stranger was registered as this person, also if no one has passed since.
 */
export async function peopleOf(id: string, deps: Deps): Promise<{ people: PersonAtBox[]; isExact: boolean }> {
  const people = new People(id);
  const hasAllEvents = await addEvents(id, people, deps);
  const hasAllActions = await addRegistered(id, people, deps);
  return { people: people.byBox(), isExact: hasAllEvents && hasAllActions };
}

/** What one event, or the registration of a person, shows about the person at one box. */
interface FoundEvent {
  event: string;
  /** ISO instant. */
  time: string;
  name: string | null;
  type: string;
  /** 0 if the person was only registered at the box. */
  events: number;
  pictures: number;
}

/** Adds up the data found about one person, box by box. */
class People {
  readonly #id: string;
  readonly #people = new Map<string, PersonAtBox>();

  constructor(id: string) {
    this.#id = id;
  }

  /** Adds the data found at a box. Returns the sum for the person there so far. */
  add(box: string, { event, time, name, type, events, pictures }: FoundEvent): PersonAtBox {
    const known = this.#people.get(box) ?? {
      box,
      id: this.#id,
      names: [],
      type,
      events: 0,
      pictures: 0,
      quarantine: 0,
      first: time,
      last: time,
      latest: event,
    };
    this.#people.set(box, known);
    if (name !== null && !known.names.includes(name) && known.names.length < maxNames) known.names.push(name);
    if (time < known.first) known.first = time;
    // A registration belongs to a passing at another box: it does not count as an event of this box.
    if (time > known.last && (events > 0 || known.events === 0)) Object.assign(known, { last: time, latest: event });
    known.events += events;
    known.pictures += pictures;
    return known;
  }

  byBox(): PersonAtBox[] {
    return [...this.#people.values()].sort((a, b) => (a.box < b.box ? -1 : 1));
  }
}

/** Adds the events of the person. False if there are more than are looked at. */
async function addEvents(id: string, people: People, { events, quarantine }: Deps): Promise<boolean> {
  let cursor: string | null = null;
  for (let looked = 0; looked < maxEvents; ) {
    const page: Awaited<ReturnType<typeof events.list>> = await events.list(
      { person: id },
      { limit: pageSize, cursor },
    );
    for (const [box, ofBox] of Map.groupBy(page.items, (event) => event.box)) {
      const records = await quarantine.countOf(ofBox.map((event) => event.id));
      const [known] = ofBox.map((event) => people.add(box, foundIn(event)));
      if (known !== undefined) known.quarantine += records;
    }
    if (page.next === null) return true;
    looked += page.items.length;
    cursor = page.next;
  }
  return false;
}

function foundIn(stored: StoredEvent): FoundEvent {
  const { id, time, person, pictures } = merge(stored);
  const { name, type } = person;
  return { event: id, time, name, type, events: 1, pictures: Object.keys(pictures).length };
}

/**
 * Adds the boxes at which a stranger was registered as the person. False if there are more actions than are looked
 * at.
 */
async function addRegistered(id: string, people: People, deps: Deps): Promise<boolean> {
  let cursor: string | null = null;
  for (let looked = 0; looked < maxActions; looked += pageSize) {
    const { named, next }: Awaited<ReturnType<typeof registeredAs>> = await registeredAs(
      id,
      { boxes: null, cursor },
      deps,
    );
    for (const action of named) await addRegistration(action, people, deps);
    if (next === null) return true;
    cursor = next;
  }
  return false;
}

/** The passing itself is an event of its box; at the others of the order there is only the registration. */
async function addRegistration(
  { approval, box, eventId }: ListedAction,
  people: People,
  { events, quarantine }: Deps,
): Promise<void> {
  const stored = await events.get(eventId);
  if (stored === null || approval === null) return;
  const { name, type } = approval;
  const passing = { ...foundIn(stored), name, type: type ?? "employee" };
  people.add(box, passing).quarantine += await quarantine.countOf([eventId]);
  const others = new Set([...approval.boxes.map((one) => one.box), ...approval.earlierBoxes]);
  others.delete(box);
  for (const other of others) people.add(other, { ...passing, events: 0, pictures: 0 });
}
