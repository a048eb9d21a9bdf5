import { type Direction, type DirectionSettings, directionOf } from "../boxes/direction.ts";
import { type Passing, passingsInOrder } from "../people/passing.ts";
import {
  type ChangedPassing,
  type EarlierPassings,
  type PassingReader,
  type PersonFacts,
  passingAt,
  type StoredPassing,
  type Way,
} from "../people/stored.ts";
import { type Libraries, personKeyIn } from "../sites/libraries.ts";

/** A person of a site, as presence counts it. */
export interface PresentPerson {
  library: string;
  /** The facts of the latest passing. */
  facts: PersonFacts;
  /** The groups and boxes of these passings, each once. */
  groups: readonly string[];
  boxes: readonly string[];
  /** Its passings of the day and the days before, with the last one before them if it decides; only with a direction. */
  passings: readonly Passing[];
}

/** The people of a site, by `personKeyIn`, and the passings of strangers that have a direction. */
export interface PeopleOfDay {
  people: ReadonlyMap<string, PresentPerson>;
  strangers: readonly Passing[];
}

/** The settings by which passings count, as they are now. */
export interface PassingSettings {
  libraries: Libraries;
  gates: {
    find(box: string, device: Way["device"]): DirectionSettings & { key: string | null };
    /** Whether passings of a box have a direction that counts, by its settings, notices and reports. Null: not known. */
    mayHaveWays(box: string): boolean | null;
    /** Differs after each change of them. */
    version: string;
  };
}

/** A day of some boxes. Times are ms: passings from `from` on are read at once, and strangers from `dayStart` on. */
export interface AskedDay {
  boxes: readonly string[];
  from: number;
  /** Null: only the passings of known people from `from` on, and none before. */
  dayStart: number | null;
  to: number;
}

/** Reads the passings that decide who is inside. */
export interface PresenceReader extends Pick<PassingReader, "read" | "known"> {
  /** As `readBack`. Passings between the newest ones and the last one that is meant may be left out. */
  readBack(asked: EarlierPassings, isMeant: (way: Way) => boolean): Promise<StoredPassing[]>;
  /** Whether a passing of a box has a direction itself; true if that is not known. */
  hasOwnWays(box: string): Promise<boolean>;
  /** Follows the changes of passings from now on. Null if the store does not tell them. */
  follow(): Promise<ChangesSince> | null;
}

/** Returns the changes since the last call, in any order; null if they are too many, or are not known: read again. */
export type ChangesSince = () => Promise<ChangedPassing[] | null>;

interface Person {
  library: string;
  /** The boxes of the library that are asked for. */
  boxes: readonly string[];
  key: string;
  held: HeldPassing[];
  /** The newest passing before `from` and the last one with a direction; null if they are not read. */
  earlier: HeldPassing[] | null;
  /** The person as it is counted; null after a change. */
  shown: PresentPerson | null;
}

type HeldPassing = { person: Person; facts: PersonFacts; passing: Passing };

/** People whose earlier passings are read at the same time. */
const atOnce = 16;

/** The passings of a day of some boxes, by people. The order in which they are added has no effect. */
export class DayPassings {
  readonly #asked: AskedDay;
  readonly #boxes: ReadonlySet<string>;
  readonly #settings: PassingSettings;
  readonly version: string;
  readonly #people = new Map<string, Person>();
  readonly #byEvent = new Map<string, HeldPassing>();
  readonly #strangers = new Map<string, Passing>();
  /** The asked boxes of each library. */
  readonly #libraries = new Map<string, readonly string[]>();
  /** Boxes with passings that may have a direction. */
  readonly #withWays = new Set<string>();
  #areKnownRead = false;
  #shown: PeopleOfDay | null = null;

  constructor(asked: AskedDay, settings: PassingSettings) {
    this.#asked = asked;
    this.#boxes = new Set(asked.boxes);
    this.#settings = settings;
    this.version = versionOf(asked, settings);
  }

  /** The number of its passings and people: many people have no passing before an old day. */
  get size(): number {
    return this.#byEvent.size + this.#strangers.size + this.#people.size;
  }

  async read(reader: PresenceReader): Promise<void> {
    const { boxes, from, dayStart, to } = this.#asked;
    for (const box of boxes) {
      const mayHaveWays = this.#settings.gates.mayHaveWays(box) ?? (await reader.hasOwnWays(box));
      if (mayHaveWays) this.#withWays.add(box);
    }
    const known = { boxes, from, to, of: "known" } as const;
    for await (const some of reader.read(known)) for (const passing of some) this.#put(passing);
    if (dayStart === null) return;
    const strangers = { boxes, from: dayStart, to, of: "strangers" } as const;
    for await (const some of reader.read(strangers)) for (const passing of some) this.#put(passing);
  }

  change({ event, passing }: ChangedPassing): void {
    if (passing === null) this.#remove(event);
    else this.#put(passing);
  }

  /**
   * Reads the earlier passings of people of whom no passing of the days before decides where they were as the day began.
   *
   * @param needed people who are read also if no passing of theirs has a direction
   */
  async decide(needed: ReadonlySet<string>, reader: PresenceReader): Promise<void> {
    const { dayStart } = this.#asked;
    if (dayStart === null) return;
    if (needed.size === 0 && !this.#mayHaveWays(this.#asked.boxes)) return;
    if (!this.#areKnownRead) {
      for (const { box, key } of await reader.known(this.#asked.boxes)) this.#person(box, key);
      this.#areKnownRead = true;
    }
    const undecided: Person[] = [];
    for (const [name, person] of this.#people) {
      const { earlier, held, boxes } = person;
      if (earlier !== null || held.some(({ passing }) => passing.direction !== null && passing.at < dayStart)) continue;
      if (needed.has(name) || this.#mayHaveWays(boxes)) undecided.push(person);
    }
    const worker = async () => {
      for (let next = undecided.pop(); next !== undefined; next = undecided.pop())
        await this.#readEarlier(next, reader);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, undecided.length) }, worker));
  }

  /** The people as they are held now. Later changes do not change it. */
  show(): PeopleOfDay {
    if (this.#shown !== null) return this.#shown;
    const people = new Map<string, PresentPerson>();
    for (const [name, person] of this.#people) {
      person.shown ??= shownPerson(person);
      if (person.shown !== null) people.set(name, person.shown);
    }
    this.#shown = { people, strangers: [...this.#strangers.values()] };
    return this.#shown;
  }

  /** Replaces the passing of an event. */
  #put(stored: StoredPassing): void {
    const { event, box, at, person: facts } = stored;
    this.#remove(event);
    if (!this.#boxes.has(box)) return;
    const passing = this.#passingOf(stored);
    if (passing.direction !== null) this.#withWays.add(box);
    const { from, dayStart, to } = this.#asked;
    if (at >= to) return;
    if (facts === null) {
      if (dayStart === null || at < dayStart || passing.direction === null) return;
      this.#strangers.set(event, passing);
      this.#shown = null;
      return;
    }
    const person = this.#person(box, facts.key);
    if (at < from) person.earlier = this.#withoutEarlier(person);
    else {
      const held = { person, facts, passing };
      person.held.push(held);
      this.#byEvent.set(event, held);
    }
    this.#changed(person);
  }

  #remove(event: string): void {
    if (this.#strangers.delete(event)) this.#shown = null;
    const held = this.#byEvent.get(event);
    if (held === undefined) return;
    this.#byEvent.delete(event);
    const { person } = held;
    const place = person.held.indexOf(held);
    if (place < 0) person.earlier = this.#withoutEarlier(person);
    else person.held.splice(place, 1);
    this.#changed(person);
  }

  async #readEarlier(person: Person, reader: PresenceReader): Promise<void> {
    const { key, boxes } = person;
    // The newest passing has the facts of a person without any way in or out.
    const mayHaveWays = this.#mayHaveWays(boxes);
    const isMeant = (way: Way) => !mayHaveWays || this.#directionOf(way) !== null;
    const found = await reader.readBack({ key, boxes, to: this.#asked.from }, isMeant);
    const [newest, last] = [latestAt(found), latestAt(found.filter(isMeant))];
    const kept = found.filter(({ at }) => at === newest || at === last);
    person.earlier = kept.flatMap((stored) =>
      stored.person === null ? [] : [{ person, facts: stored.person, passing: this.#passingOf(stored) }],
    );
    for (const held of person.earlier) this.#byEvent.set(held.passing.event, held);
    this.#changed(person);
  }

  /** They are read again if they are needed. */
  #withoutEarlier({ earlier }: Person): null {
    for (const { passing } of earlier ?? []) this.#byEvent.delete(passing.event);
    return null;
  }

  #passingOf(stored: StoredPassing): Passing {
    return passingAt(stored, this.#settings.gates.find(stored.box, stored.device));
  }

  #directionOf({ box, own, device }: Way): Direction | null {
    return directionOf(own, this.#settings.gates.find(box, device));
  }

  #changed(person: Person): void {
    person.shown = null;
    this.#shown = null;
  }

  #person(box: string, key: string): Person {
    const library = this.#settings.libraries.of(box);
    const name = personKeyIn(library, key);
    const known = this.#people.get(name);
    if (known !== undefined) return known;
    const boxes = this.#boxesOf(library);
    const person: Person = { library, boxes, key, held: [], earlier: null, shown: null };
    this.#people.set(name, person);
    return person;
  }

  #boxesOf(library: string): readonly string[] {
    const known = this.#libraries.get(library);
    if (known !== undefined) return known;
    const boxes = this.#settings.libraries.boxesOf(library).filter((box) => this.#boxes.has(box));
    this.#libraries.set(library, boxes);
    return boxes;
  }

  #mayHaveWays(boxes: readonly string[]): boolean {
    return boxes.some((box) => this.#withWays.has(box));
  }
}

/** Differs after each change of the settings by which the passings of these boxes count. */
export function versionOf({ boxes }: AskedDay, { libraries, gates }: PassingSettings): string {
  return JSON.stringify([boxes.map((box) => libraries.of(box)), gates.version]);
}

function latestAt(passings: readonly StoredPassing[]): number {
  return passings.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
}

/** Null if it has no passing. */
function shownPerson({ library, held, earlier }: Person): PresentPerson | null {
  const all = [...(earlier ?? []), ...held];
  const [first, ...others] = all;
  if (first === undefined) return null;
  const latest = others.reduce((one, other) => (isLater(other.passing, one.passing) ? other : one), first);
  return {
    library,
    facts: latest.facts,
    groups: [...new Set(all.flatMap(({ facts }) => facts.group ?? []))],
    boxes: [...new Set(all.map(({ passing }) => passing.box))],
    passings: passingsInOrder(all.flatMap(({ passing }) => (passing.direction === null ? [] : [passing]))),
  };
}

function isLater(one: Passing, other: Passing): boolean {
  return one.at > other.at || (one.at === other.at && one.event > other.event);
}
