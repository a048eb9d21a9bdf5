import {
  type Correction,
  countDays,
  dayNumber,
  dayText,
  emptyDay,
  groupsOf,
  type HoursCorrection,
  type HoursDay,
  type HoursOfPerson,
  newestCorrection,
  type RosterOn,
  reachOf,
  type Schedule,
  scheduleFor,
} from "@gatepost/core/hours";
import { type KnownPerson, laterOf, type Passing, type PersonFacts } from "@gatepost/core/people";
import type { Libraries } from "@gatepost/core/sites";
import { Zone } from "@gatepost/core/zones";
import { dayMs } from "@gatepost/protocol";
import { inTurns } from "../people/in-turns.ts";
import {
  addEarlier,
  asOne,
  librariesOf,
  nameOrder,
  type PassedPerson,
  peopleIn,
  personKeyIn,
  readPassed,
} from "../people/passed.ts";
import type { ApiPorts } from "../ports.ts";
import { requireDays } from "./days-asked.ts";
import { newestLastDays } from "./last-day.ts";
import { everyRecordOf, RosterDays } from "./roster-days.ts";

type HoursPorts = Pick<
  ApiPorts,
  | "passings"
  | "boxes"
  | "sites"
  | "clock"
  | "schedules"
  | "rosters"
  | "hoursCorrections"
  | "lastDays"
  | "server"
  | "peopleSettings"
>;

/** The flag of a day that is counted from some of the boxes that share the person: the reader does not see the others. */
export const partFlag = "part";

/** The hours of a person in a range of days. */
export interface PersonHours {
  library: string;
  key: string;
  id: string;
  name: string | null;
  type: PersonFacts["type"];
  group: string | null;
  groups: readonly string[];
  /** The boxes at which the person is known. */
  boxes: readonly string[];
  days: HoursDay[];
  /** The day of the first passing, as `2026-11-02`; null if there are earlier ones, or the site has no schedule. */
  begins: string | null;
  corrections: HoursCorrection[];
}

/** The settings of a site by which hours are counted. */
export interface HoursOfSite {
  site: string;
  zone: Zone;
  schedules: readonly Schedule[];
  /** The first day of which closed months and corrections are kept. */
  keptFrom: string;
  people: PersonHours[];
  /** The name by which a person is known, by `personKeyIn`. */
  nameOf(name: string): string | null;
}

/** Days for which closed months and corrections are kept: as set, and never less than events. */
export async function hoursDaysOf({ server, peopleSettings }: Pick<ApiPorts, "server" | "peopleSettings">) {
  const [{ eventDays }, { hoursDays }] = await Promise.all([server.retention(), peopleSettings.read()]);
  return Math.max(eventDays, hoursDays ?? 0);
}

/** Days of people that are counted in one turn. */
const daysATurn = 500;

/** Days that are read first before the asked ones, for people whose days depend on them; then twice as many, and so on. */
const daysBack = 7;

export interface AskedHours {
  site: string;
  /** The first and the last day, as `2026-11-16`. */
  from: string;
  to: string;
  /** Only this person of a library. */
  only?: { library: string; key: string };
  /** In place of the stored schedules. */
  schedules?: readonly Schedule[];
}

/**
 * Counts the hours of the people of a site as passings, settings and corrections are now, also in closed months. A person
 * is in it with a passing in these days, with a schedule, or with a day of the roster.
 *
 * @param deps with the boxes of the site alone
 */
export async function countHours(
  { site, from, to, only, ...asked }: AskedHours,
  deps: HoursPorts,
): Promise<HoursOfSite> {
  requireDays({ from, to });
  const [names, libraries] = await Promise.all([deps.boxes.reader.names(), librariesOf(deps)]);
  const among = only === undefined ? null : new Set(libraries.boxesOf(only.library));
  const boxes = among === null ? names : names.filter((box) => among.has(box));
  const [stored, ofSite, lastDays, written, known, retention, hoursDays] = await Promise.all([
    deps.sites.get(site),
    deps.hoursCorrections.of(site, { from, to }),
    deps.lastDays.of(site, only && everyRecordOf([only], libraries)),
    deps.schedules.of(site),
    deps.passings.known(boxes),
    deps.server.retention(),
    hoursDaysOf(deps),
  ]);
  const { zone: zoneName, holidays, workWeek } = stored ?? deps.sites.unset(site);
  const schedules = asked.schedules ?? written;
  const zone = Zone.find(zoneName) ?? Zone.utc;
  const days = { from: dayNumber(from), to: dayNumber(to) };
  const reach = reachOf(schedules);
  const firstDay = days.from - reach;
  const range = {
    boxes,
    from: zone.startOfDay(firstDay),
    to: zone.startOfDay(days.to + 1 + reach),
    of: only === undefined ? ("known" as const) : { key: only.key },
  };
  const passed = await readPassed(range, libraries, deps);
  const people = peopleIn(known, libraries);
  const hoursKeptFrom = dayText(zone.dayOf(deps.clock() - hoursDays * dayMs));
  // A correction of the time before boxes shared the person is of the person, too.
  const corrections = ofSite.flatMap((one) =>
    one.day >= hoursKeptFrom ? [{ ...one, library: libraries.of(one.library) }] : [],
  );
  const corrected = Map.groupBy(corrections, ({ library, key }) => personKeyIn(library, key));
  const newestLastDay = newestLastDays(lastDays, libraries);
  const eventsFrom = deps.clock() - retention.eventDays * dayMs;
  const firstKept = zone.dayOf(eventsFrom - 1) + 1;
  const facts = { zone, holidays: new Set(holidays), workWeek, firstKept, now: deps.clock() };
  const isMeant = (name: string) => only === undefined || name === personKeyIn(only.library, only.key);
  const named = [...new Set([...passed.keys(), ...people.keys(), ...corrected.keys()])].filter(isMeant);
  const read = { passed, people, libraries };
  const rosters = new RosterDays(site, deps.rosters, { only: only && [only], libraries });
  const counting: Counting = { days, reach, schedules, facts };
  const counted: PersonHours[] = [];
  const size = Math.ceil(daysATurn / (days.to - days.from + 1));
  for (let waiting = named, [back, end] = [0, range.from]; waiting.length > 0; back = Math.max(daysBack, 2 * back)) {
    const begin = firstDay - back;
    const earlier = { boxes, from: zone.startOfDay(begin), to: end };
    if (back > 0) await addEarlier(waiting, read, earlier, deps);
    await rosters.read({ from: begin, to: days.to + reach });
    end = earlier.from;
    const groups = schedules.length === 0 ? null : await earlierGroups(waiting, read, { zone, day: begin }, deps);
    const early: string[] = [];
    await inTurns(waiting, size, (name) => {
      const person = ofPerson(name, read);
      if (person === null) return;
      const before = { begin, group: groups?.get(name) };
      const leftOn = newestLastDay.get(name)?.leftOn;
      const lastDay = leftOn === undefined ? null : dayNumber(leftOn);
      const own = { lastDay, rosterOn: rosters.of(name), corrections: corrected.get(name) ?? [] };
      const hours = hoursOf(person, { before, ...own }, counting);
      if (hours === null) early.push(name);
      else if (only !== undefined || hours.days.some(isShown)) counted.push(hours);
    });
    waiting = early;
  }
  const nameOf = (name: string) => asOne(people.get(name) ?? [])?.name ?? null;
  return {
    site,
    zone,
    schedules,
    keptFrom: hoursKeptFrom,
    people: withParts(counted, names, libraries).sort(byName),
    nameOf,
  };
}

function isShown({ passings, isCorrected, schedule, flags }: HoursDay): boolean {
  const isPlanned = flags.includes("roster") || flags.includes("roster-removed");
  return passings.length > 0 || isCorrected || schedule !== null || isPlanned;
}

/** The people, with a flag on the days of those whom boxes share that are not seen. */
function withParts(people: readonly PersonHours[], names: readonly string[], libraries: Libraries): PersonHours[] {
  const seen = new Set(names);
  const isWhole = ({ library }: PersonHours) =>
    !library.startsWith("~") || libraries.boxesOf(library).every((box) => seen.has(box));
  const withPart = (day: HoursDay) => ({ ...day, flags: [...day.flags, partFlag] });
  return people.map((person) => (isWhole(person) ? person : { ...person, days: person.days.map(withPart) }));
}

/** The days to count, and the facts that are the same for all people. */
interface Counting {
  days: { from: number; to: number };
  reach: number;
  schedules: readonly Schedule[];
  facts: Omit<HoursOfPerson, "scheduleOn" | "lastDay" | "corrections">;
}

interface OfPerson {
  /** The first day of the passings, and the group of the last passing before it; undefined if there is none. */
  before: { begin: number; group: string | null | undefined };
  lastDay: number | null;
  rosterOn: RosterOn | null;
  corrections: HoursCorrection[];
}

/** The hours of a person; null if they depend on passings of earlier days. */
function hoursOf(
  { passings, knownGroups, ...shown }: NonNullable<ReturnType<typeof ofPerson>>,
  { before: { begin, group: last }, lastDay, rosterOn, corrections }: OfPerson,
  { days, reach, schedules, facts }: Counting,
): PersonHours | null {
  const { zone, firstKept } = facts;
  const before = last === undefined ? [] : [{ event: "", at: zone.startOfDay(begin) - 1, group: last }];
  const groupsOn = groupsOf([...before, ...passings], { known: knownGroups, zone });
  const scheduleOn = scheduleFor(groupsOn, schedules, rosterOn);
  const counted = countDays(passings, days, { ...facts, scheduleOn, lastDay, corrections: newestOf(corrections) });
  if (counted.since < begin + reach) return null;
  const hours = counted.days.map((day) => (dayNumber(day.day) < firstKept ? noLongerKept(day) : day));
  const end = zone.startOfDay(days.to + 1);
  const latest = passings.reduce<Passing | null>((held, one) => (one.at < end ? laterOf(held, one) : held), null);
  const group = latest === null ? (last ?? knownGroups[0] ?? null) : latest.group;
  const groups = new Set([...hours.flatMap(({ day }) => groupsOn(dayNumber(day))), ...(group === null ? [] : [group])]);
  const begins = firstDayOf(passings, { isFirst: schedules.length > 0 && last === undefined, zone });
  return { ...shown, group, groups: [...groups], days: hours, begins, corrections };
}

/** The day of the first of some passings; null if there are none, or they are not the first ones of the person. */
function firstDayOf(passings: readonly Passing[], { isFirst, zone }: { isFirst: boolean; zone: Zone }): string | null {
  if (!isFirst || passings.length === 0) return null;
  return dayText(zone.dayOf(passings.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY)));
}

interface Known {
  passed: ReadonlyMap<string, PassedPerson>;
  people: ReadonlyMap<string, readonly KnownPerson[]>;
  libraries: Libraries;
}

/** A person by `personKeyIn`, with its passings; null if nothing is known of it any more. */
function ofPerson(name: string, { passed, people, libraries }: Known) {
  const known = people.get(name) ?? [];
  const found = passed.get(name);
  const person = asOne(known);
  const facts = found?.facts ?? person;
  if (facts === undefined) return null;
  const { key, id, name: called, type } = facts;
  return {
    library: found?.library ?? libraries.of(known[0]?.box ?? ""),
    key,
    id,
    name: called ?? person?.name ?? null,
    type,
    passings: found?.passings ?? [],
    knownGroups: [...new Set(known.flatMap((one) => one.group ?? []))],
    boxes: [...new Set([...(found?.boxes ?? []), ...known.map(({ box }) => box)])].toSorted(),
  };
}

/**
 * The group of the last passing of each person before a day, by `personKeyIn`; null if it has none. People without such a
 * passing are not in it, nor are those whose passings of that day have a group.
 */
async function earlierGroups(
  named: readonly string[],
  read: Known,
  { zone, day }: { zone: Zone; day: number },
  { passings }: Pick<HoursPorts, "passings">,
): Promise<Map<string, string | null>> {
  const [before, end] = [zone.startOfDay(day), zone.startOfDay(day + 1)];
  const found = new Map<string, string | null>();
  const asked: { name: string; key: string; boxes: string[] }[] = [];
  await inTurns(named, peopleATurn, (name) => {
    const person = ofPerson(name, read);
    if (person === null || person.passings.some(({ at, group }) => at < end && group !== null)) return;
    const known = read.people.get(name) ?? [];
    if (known.length > 0 && known.every(({ first }) => first !== null && first * dayMs >= before)) return;
    const [latest, other] = known;
    const isLatest = latest !== undefined && (latest.at ?? (latest.day + 1) * dayMs) < before;
    const isSure = latest?.at !== null || other?.day !== latest.day || other.group === latest.group;
    if (isLatest && isSure) found.set(name, latest.group);
    else asked.push({ name, key: person.key, boxes: person.boxes });
  });
  const last = await passings.lastBefore(asked, before);
  for (const [n, { name }] of asked.entries()) if (last[n] != null) found.set(name, last[n].person?.group ?? null);
  return found;
}

/** People who are looked at in one turn. */
const peopleATurn = 2000;

/** The corrections that count, by their days. */
export function newestOf(corrections: readonly HoursCorrection[]): Map<string, HoursCorrection & Correction> {
  const newest = new Map<string, HoursCorrection & Correction>();
  for (const [day, ofDay] of Map.groupBy(corrections, (one) => one.day)) {
    const correction = newestCorrection(ofDay);
    if (correction !== null) newest.set(day, correction);
  }
  return newest;
}

/** Passings of the day may be gone: nothing follows from those that are left. */
function noLongerKept(day: HoursDay): HoursDay {
  if (day.isCorrected) return { ...day, flags: [...day.flags, "no-longer-kept"] };
  return { ...emptyDay(day.day), schedule: day.schedule, flags: ["no-longer-kept"] };
}

export function byName(a: PersonHours, b: PersonHours): number {
  return (
    nameOrder.compare(a.name ?? a.id, b.name ?? b.id) ||
    (personKeyIn(a.library, a.key) < personKeyIn(b.library, b.key) ? -1 : 1)
  );
}
