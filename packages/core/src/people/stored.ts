import { dayMs, type FaceEvent, isCheckBox, isVisible, merge, type PersonType, personKey } from "@gatepost/protocol";
import { type Direction, type DirectionSettings, directionOf } from "../boxes/direction.ts";
import type { EventFilter, EventReader } from "../events/index.ts";
import { countedTime, isClockWrong, type Passing, type PortraitKind, portraitKinds } from "./passing.ts";

/** The facts of a known person, as an event shows them. */
export interface PersonFacts {
  /** The id as it is compared (`personKey`). */
  key: string;
  id: string;
  name: string | null;
  type: PersonType;
  group: string | null;
}

/** A passing as it is stored: without the settings of its device. */
export interface StoredPassing {
  event: string;
  box: string;
  /** The time of the event, ms; its counted time (`at`) is never later. */
  time: number;
  at: number;
  isClockWrong: boolean;
  /** The direction of the event itself. */
  own: Direction | null;
  device: Pick<FaceEvent["device"], "id" | "endpoint" | "ip">;
  /** Null for a stranger. */
  person: PersonFacts | null;
  /** In percent of its scale; null if there is none. */
  score: number | null;
  /** Those that its event has. */
  pictures: readonly PortraitKind[];
}

/** Passings to read, by their counted times: `from` is included, `to` is not. */
export interface PassingRange {
  boxes: readonly string[];
  from: number;
  to: number;
  /** Known people, one of them by the key, or strangers. */
  of: "known" | "strangers" | { key: string };
}

/** The key of a person, and some boxes. */
export interface PersonAt {
  key: string;
  boxes: readonly string[];
}

/**
 * A known person at a box, and the day (UTC, days since 1970) of one of its latest passings. `name` is of the latest
 * passing that has one.
 */
export interface KnownPerson extends PersonFacts {
  box: string;
  /** The counted time of a passing with that name, ms since 1970: on AWS of one of that day; null without a name. */
  namedAt: number | null;
  day: number;
  /** The counted time of the latest passing, ms since 1970; null if only the day is known. */
  at: number | null;
  /** The match score of that passing, in percent of its scale; null if it has none. */
  score: number | null;
  /** No passing of the person at the box is before this day (UTC, days since 1970); null if that is not known. */
  first: number | null;
  /** The text that searches look at first (`searchText`). */
  search: string;
}

/** Reads passings. Denied ones, and passings of a check, are left out. */
export interface PassingReader {
  /** Some at a time, for one box or person the newest first by the time of the event. */
  read(range: PassingRange): AsyncIterable<StoredPassing[]>;
  /** The last passing of each person before a time (ms), at the boxes beside the key; null if there is none. */
  lastBefore(people: readonly PersonAt[], time: number): Promise<(StoredPassing | null)[]>;
  /** The name of each person at the boxes beside the key, as its latest passing with a name has it; null if none is known. */
  named(people: readonly PersonAt[]): Promise<(string | null)[]>;
  /**
   * The people with a stored passing at these boxes, one for each box, in any order. New facts of a person may take a
   * day, but for groups and names, and on AWS a new or removed person some seconds.
   */
  known(boxes: readonly string[]): Promise<KnownPerson[]>;
  /** Removes the profiles of people at these boxes. */
  forget(boxes: readonly string[]): Promise<void>;
}

/** The one with the name by which a person is known at several boxes; undefined if none has a name. */
export function latestNamed<At extends Pick<KnownPerson, "box" | "name" | "namedAt">>(
  at: readonly At[],
): At | undefined {
  return at
    .filter(({ name }) => name !== null)
    .reduce<At | undefined>((held, one) => {
      const [time, other] = [one.namedAt ?? 0, held?.namedAt ?? 0];
      return held === undefined || time > other || (time === other && one.box < held.box) ? one : held;
    }, undefined);
}

/** The parts of a passing that decide whether it is a way in or out. */
export type Way = Pick<StoredPassing, "box" | "own" | "device">;

/** A changed event: its passing as it is now, or null if it counts nowhere or is gone. */
export interface ChangedPassing {
  event: string;
  passing: StoredPassing | null;
}

/** The passings of a person at some boxes before a time (counted, ms). */
export interface EarlierPassings extends PersonAt {
  to: number;
}

/**
 * Reads the passings of a person back to the last one that `isMeant`; all, if there is none.
 *
 * @param read of a `PassingReader`
 */
export async function readBack(
  { key, boxes, to }: EarlierPassings,
  isMeant: (passing: StoredPassing) => boolean,
  read: PassingReader["read"],
): Promise<StoredPassing[]> {
  const found: StoredPassing[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for await (const some of read({ boxes, from: 0, to, of: { key } })) {
    for (const passing of some) if (passing.at > last && isMeant(passing)) last = passing.at;
    found.push(...some);
    // Events follow in the order of the times that boxes sent, and no counted time is later.
    if ((some.at(-1)?.time ?? 0) < last) break;
  }
  return found;
}

/** The passing of an event; null if it counts nowhere. */
export function storedPassingOf(event: FaceEvent): StoredPassing | null {
  const { id, box, timestamp, device, person, score, scoreScale, pictures, result } = event;
  const facts = factsOf(person);
  if (isCheckBox(box.id) || result === "denied" || (facts === null && person.type !== "stranger")) return null;
  return {
    event: id,
    box: box.id,
    time: timestamp,
    at: countedTime(event),
    isClockWrong: isClockWrong(event),
    own: device.direction,
    device: { id: device.id, endpoint: device.endpoint, ip: device.ip },
    person: facts,
    score: score === null || scoreScale === null || !(scoreScale > 0) ? null : Math.round((100 * score) / scoreScale),
    pictures: portraitKinds.filter((kind) => pictures[kind] !== undefined),
  };
}

/** A passing with the settings of its device as they are now. */
export function passingAt(
  { event, box, at, isClockWrong: isWrong, own, person, pictures }: StoredPassing,
  gate: DirectionSettings & { key: string | null },
): Passing {
  const [direction, group] = [directionOf(own, gate), person?.group ?? null];
  return { event, box, at, isClockWrong: isWrong, device: gate.key, direction, group, pictures };
}

/** A name of blanks and invisible characters is none. */
export function visibleName(name: string | null): string | null {
  return name !== null && isVisible(name) ? name : null;
}

function factsOf(person: FaceEvent["person"]): PersonFacts | null {
  const key = personKey(person);
  const { id, name, type, group } = person;
  return key === null || id === null ? null : { key, id, name: visibleName(name), type, group };
}

/** Whether a passing is in a range. */
export function isInRange(passing: StoredPassing, { boxes, from, to, of }: PassingRange): boolean {
  const { person, at, box } = passing;
  if (at < from || at >= to || !boxes.includes(box)) return false;
  if (of === "strangers") return person === null;
  return person !== null && (of === "known" || person.key === of.key);
}

/** ms by which the time of an event may be after its counted time: a box may be ahead by a day, and is not believed beyond. */
export const aheadMs = dayMs;

/** The later of two passings; in the same ms, the one with the higher id. */
export function laterOf<One extends Pick<StoredPassing, "at" | "event">>(held: One | null, one: One): One {
  const isLater = held === null || one.at > held.at || (one.at === held.at && one.event > held.event);
  return isLater ? one : held;
}

/** The latest of some passings by its counted time; null if there is none. */
export function latestOf(passings: readonly StoredPassing[]): StoredPassing | null {
  return passings.reduce<StoredPassing | null>(laterOf, null);
}

/** The last passing of a person before a time, as `read` finds it. */
export async function lastPassingBefore(
  person: PersonAt,
  time: number,
  passings: Pick<PassingReader, "read">,
): Promise<StoredPassing | null> {
  const found = await readBack(
    { ...person, to: time },
    () => true,
    (range) => passings.read(range),
  );
  return latestOf(found);
}

/** Events of one page. */
const pageSize = 200;

/** Reads passings from the lists of events. */
export async function* passingsIn(
  events: Pick<EventReader, "list">,
  range: PassingRange,
): AsyncGenerator<StoredPassing[]> {
  const { boxes, from, to, of } = range;
  if (boxes.length === 0) return;
  const who: EventFilter = of === "strangers" ? { type: "stranger" } : typeof of === "string" ? {} : { person: of.key };
  const filter: EventFilter = { boxes, from, to: to + aheadMs, ...who };
  for (let cursor: string | null = null, isEnd = false; !isEnd; ) {
    const page: Awaited<ReturnType<EventReader["list"]>> = await events.list(filter, { limit: pageSize, cursor });
    const passings = page.items.flatMap((stored) => storedPassingOf(merge(stored)) ?? []);
    const found = passings.filter((passing) => isInRange(passing, range));
    if (found.length > 0) yield found;
    cursor = page.next;
    isEnd = cursor === null;
  }
}
