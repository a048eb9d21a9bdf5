import { nightShiftEnd, scheduleFor } from "@gatepost/core/hours";
import { type Passing, passingsInOrder } from "@gatepost/core/people";
import {
  type Counted,
  countSite,
  type Departure,
  type PeopleOfDay,
  type PresentPerson,
  type SitePresence,
} from "@gatepost/core/presence";
import type { Roll } from "@gatepost/core/rolls";
import { Zone } from "@gatepost/core/zones";
import { dayMs } from "@gatepost/protocol";
import { RosterDays } from "../hours/roster-days.ts";
import { withNames } from "../people/known.ts";
import { librariesOf, personKeyIn } from "../people/passed.ts";
import type { ApiPorts } from "../ports.ts";

type Ports = Pick<
  ApiPorts,
  "presence" | "passings" | "boxes" | "sites" | "departures" | "schedules" | "rosters" | "clock"
>;

/** A person of a site, as presence counts it. */
export interface CountedPerson extends Counted, PresentPerson {
  passings: PresentPerson["passings"];
}

/** A person who has left, as another person says. */
interface Departed {
  person: Pick<CountedPerson, "library" | "facts">;
  departure: Departure;
}

/** Who is inside a site at a moment. */
interface Presence extends SitePresence<CountedPerson> {
  at: number;
  zone: Zone;
  departed: Departed[];
}

/** ms for which a count is shared, if nothing has changed since. */
const sharedMs = 1000;

/** The last count of people, and all that it depends on. The people of a day are other ones after each change. */
const counts = new WeakMap<PeopleOfDay, { of: string; presence: Presence }>();

/** What counts of a site depend on beside its passings, as it was read at one time. */
type Inputs = Awaited<ReturnType<typeof readInputs>>;

/**
 * Counts who is inside a site at a moment. Passings of the last days are read together; of people who are not decided by
 * them, each is read back to the last passing with a direction.
 *
 * @param deps with the boxes of the site alone
 */
export async function readPresence(site: string, at: number, deps: Ports): Promise<Presence> {
  return count(at, await readInputs(site, deps), { deps, isSharedFor: 1 });
}

/**
 * Counts who is inside a site, and who was a week before, at the end of the day.
 *
 * @param asked the moment; without it now: requests of a second share a count, whose moment is `at`, until something changes
 */
export async function readPresences(
  site: string,
  asked: number | undefined,
  deps: Ports,
): Promise<[presence: Presence, before: Presence]> {
  const inputs = await readInputs(site, deps);
  const isSharedFor = asked === undefined ? sharedMs : 1;
  const presence = await count(asked ?? deps.clock(), inputs, { deps, isSharedFor });
  const { at, zone } = presence;
  const weekBefore = zone.startOfDay(zone.dayOf(at) - 6) - 1;
  return [presence, await count(weekBefore, inputs, { deps, isSharedFor: 1 })];
}

/** Zones by their names. To make one takes as long as some queries. */
const zones = new Map<string, Zone>();

function zoneCalled(name: string): Zone {
  const zone = zones.get(name) ?? Zone.find(name) ?? Zone.utc;
  zones.set(name, zone);
  return zone;
}

async function readInputs(site: string, deps: Ports) {
  const boxes = await deps.boxes.reader.names();
  const [stored, libraries, gates, departures, schedules] = await Promise.all([
    deps.sites.get(site),
    librariesOf(deps),
    deps.boxes.labels.settings(boxes),
    deps.departures.of(site),
    deps.schedules.of(site),
  ]);
  const zone = zoneCalled((stored ?? deps.sites.unset(site)).zone);
  // One who was known at a box that shares its people since is of the site, too.
  const departed = departures.map((one) => ({ ...one, library: libraries.of(one.library) }));
  return { site, boxes, zone, libraries, gates, departures: departed, schedules };
}

/** @param isSharedFor a count that is so many ms older is the same */
async function count(
  at: number,
  { site, boxes, zone, libraries, gates, departures, schedules }: Inputs,
  { deps, isSharedFor }: { deps: Pick<Ports, "presence" | "passings" | "boxes" | "rosters">; isSharedFor: number },
): Promise<Presence> {
  const day = zone.dayOf(at);
  const dayStart = zone.startOfDay(day);
  const range = { boxes, from: dayStart - 2 * dayMs, dayStart, to: zone.startOfDay(day + 1) };
  const departedAt = Map.groupBy(departures, ({ library, key }) => personKeyIn(library, key));
  const ofDay = await deps.presence.of(range, { libraries, gates }, new Set(departedAt.keys()));
  const inputs = JSON.stringify([zone.name, departures, schedules]);
  const shared = counts.get(ofDay);
  const age = at - (shared?.presence.at ?? Number.NEGATIVE_INFINITY);
  if (shared?.of === inputs && age >= 0 && age < isSharedFor) return shared.presence;
  const rosters = await rostersOvernight(ofDay.people.values(), { site, at, day, zone, libraries }, deps);
  const counted = [...ofDay.people].map(([key, person]): CountedPerson => {
    const scheduleOn = scheduleFor(() => person.groups, schedules, rosters.of(key));
    return {
      ...person,
      departures: (departedAt.get(key) ?? []).map(({ leftAt }) => leftAt),
      nightEnd: (since) => nightShiftEnd(since, { scheduleOn, zone }),
    };
  });
  const departed = departures.flatMap((departure) => {
    const person = ofDay.people.get(personKeyIn(departure.library, departure.key));
    return person === undefined || departure.leftAt > at ? [] : [{ person, departure }];
  });
  const ofSite = countSite(counted, ofDay.strangers, { at, zone });
  const presence = {
    ...ofSite,
    inside: await withNames(ofSite.inside, libraries, deps),
    at,
    zone,
    departed: await withNames(departed, libraries, deps),
  };
  counts.set(ofDay, { of: inputs, presence });
  return presence;
}

/** The rosters of the people who went in on the days before and were not seen since: they may be in a night shift. */
async function rostersOvernight(
  people: Iterable<PresentPerson>,
  { site, at, day, zone, libraries }: Pick<Inputs, "site" | "zone" | "libraries"> & { at: number; day: number },
  { rosters }: Pick<Ports, "rosters">,
): Promise<RosterDays> {
  const [first, dayStart] = [zone.startOfDay(day - 2), zone.startOfDay(day)];
  const overnight = [...people].filter(({ passings }) => {
    const last = passings.findLast((passing) => passing.at <= at);
    return last?.direction === "in" && last.at >= first && last.at < dayStart;
  });
  const only = overnight.map(({ library, facts: { key } }) => ({ library, key }));
  const found = new RosterDays(site, rosters, { only, libraries });
  if (overnight.length > 0) await found.read({ from: day - 2, to: day });
  return found;
}

/** A way out of a person of a row. */
export interface WayOut {
  key: string;
  passing: Passing;
}

/** ms for which ways out of people of an evacuation list are looked for: a list that is left open must not cost more. */
const outsMs = dayMs;

/**
 * The rows of an evacuation list whose people went out after its beginning, and not in again.
 *
 * @param rowOf the row of each person of the list, both by `personKeyIn`
 * @param deps with the boxes of the site alone
 */
export async function readWaysOut(
  { site, begunAt, closed }: Pick<Roll, "site" | "begunAt" | "closed">,
  rowOf: ReadonlyMap<string, string>,
  deps: Ports,
): Promise<WayOut[]> {
  const boxes = await deps.boxes.reader.names();
  const [libraries, gates] = await Promise.all([librariesOf(deps), deps.boxes.labels.settings(boxes)]);
  const range = { boxes, from: begunAt, dayStart: null, to: begunAt + outsMs };
  const { people } = await deps.presence.of(range, { libraries, gates }, new Set());
  const until = closed?.at ?? deps.clock();
  const passingsOf = new Map<string, Passing[]>();
  for (const [name, { facts, passings }] of people) {
    for (const passing of passings) {
      // The site may share its people since, or share them no more: the list has the libraries of its beginning.
      const names = [name, personKeyIn(passing.box, facts.key), personKeyIn(`~${site}`, facts.key)];
      const row = names.map((one) => rowOf.get(one)).find((one) => one !== undefined);
      if (row !== undefined) passingsOf.set(row, [...(passingsOf.get(row) ?? []), passing]);
    }
  }
  return [...passingsOf].flatMap(([key, passings]) => {
    const last = passingsInOrder(passings).findLast(({ at }) => at <= until);
    return last?.direction === "out" ? [{ key, passing: last }] : [];
  });
}
