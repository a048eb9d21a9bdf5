import { minuteMs } from "@gatepost/protocol";
import { type Passing, passingsInOrder } from "../people/passing.ts";
import type { Zone } from "../zones/zone.ts";
import { isOverdue, type Standing, standingAt } from "./presence.ts";

/** A person whose passings are counted for a site. */
export interface Counted {
  /** Only those with a direction, in the order of time. */
  passings: readonly Passing[];
  /** Times (ms) at which the person has left, as people say. */
  departures: readonly number[];
  /** The end of the night shift in which the person went in at a time; null if it is in none. */
  nightEnd(since: number): number | null;
}

/** A person who is inside. */
export interface Inside<Person> {
  person: Person;
  since: number;
  passing: Passing;
  isOverdue: boolean;
}

export interface SitePresence<Person> {
  /** In the order of their time, the first one first. */
  inside: Inside<Person>[];
  /** How many strangers went in and out since the day began. */
  strangers: { in: number; out: number };
  /** People whose last way out of this day has no way in within the 24 hours before. */
  leftWithoutIn: number;
  /** How many were inside at the end of each half-hour of the day that has begun; the last one is at the moment. */
  today: number[];
}

const halfHourMs = 30 * minuteMs;

/**
 * Counts who is inside at a moment. The answer follows from the passings and the settings alone: the order in which they
 * were reported has no effect.
 *
 * @param people each with all passings that can decide: at least the last one with a direction, and all of the day
 * before
 */
export function countSite<Person extends Counted>(
  people: Iterable<Person>,
  strangers: readonly Passing[],
  { at, zone }: { at: number; zone: Zone },
): SitePresence<Person> {
  const dayStart = zone.startOfDay(zone.dayOf(at));
  const ends = halfHoursOf(dayStart, at);
  const today = ends.map(() => 0);
  const inside: Inside<Person>[] = [];
  let leftWithoutIn = 0;
  for (const person of people) {
    const { departures, nightEnd, passings } = person;
    if (passings.length === 0 && departures.length === 0) continue;
    const presence = standingAt(passings, departures, at);
    if (presence.is === "inside") {
      const { since, passing } = presence;
      const isOld = since < dayStart && isOverdue(since, { at, zone, shiftEnd: nightEnd(since) });
      inside.push({ person, since, passing, isOverdue: isOld });
    } else if (presence.is === "outside" && presence.isWithoutIn && presence.since >= dayStart) leftWithoutIn += 1;
    addTo(today, ends, { passings, departures, dayStart, last: presence });
  }
  const ofDay = passingsInOrder(strangers).filter(({ at: time }) => time >= dayStart && time <= at);
  const count = (direction: Passing["direction"]) => ofDay.filter((one) => one.direction === direction).length;
  inside.sort((a, b) => a.since - b.since || (a.passing.event < b.passing.event ? -1 : 1));
  return { inside, strangers: { in: count("in"), out: count("out") }, leftWithoutIn, today };
}

function halfHoursOf(dayStart: number, at: number): number[] {
  const count = Math.floor((at - dayStart) / halfHourMs) + 1;
  return Array.from({ length: count }, (_, n) => Math.min(dayStart + (n + 1) * halfHourMs - 1, at));
}

interface OfDay extends Pick<Counted, "passings" | "departures"> {
  dayStart: number;
  last: Standing;
}

/** Adds a person to each half-hour at whose end it is inside. */
function addTo(today: number[], ends: readonly number[], { passings, departures, dayStart, last }: OfDay): void {
  const isQuiet = passings.every(({ at }) => at < dayStart) && departures.every((leftAt) => leftAt < dayStart);
  const isInsideAt = isQuiet ? () => last.is === "inside" : following(passings, departures);
  for (const [n, end] of ends.entries()) if (isInsideAt(end)) today[n] = (today[n] ?? 0) + 1;
}

/** Whether a person is inside at some moments, each of them later than the one before. */
function following(passings: OfDay["passings"], departures: OfDay["departures"]): (moment: number) => boolean {
  let [next, wentIn, left] = [0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return (moment) => {
    for (let way = passings[next]; way !== undefined && way.at <= moment; way = passings[++next]) {
      if (way.direction === "in") wentIn = way.at;
      else left = way.at;
    }
    return wentIn > departures.reduce((latest, at) => (at <= moment && at > latest ? at : latest), left);
  };
}
