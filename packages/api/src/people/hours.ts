import {
  type Correction,
  countDays,
  dayNumber,
  dayText,
  type HoursCorrection,
  type HoursDay,
  marginMs,
  newestCorrection,
  type Schedule,
  scheduleFor,
} from "@gatepost/core/hours";
import type { KnownPerson, Libraries, PersonFacts } from "@gatepost/core/people";
import { Zone } from "@gatepost/core/statistics";
import { dayMs } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";
import { requireDays } from "./days-asked.ts";
import { inTurns } from "./in-turns.ts";
import { librariesOf, nameOrder, type PassedPerson, peopleIn, personKeyIn, readPassed } from "./passed.ts";

type HoursPorts = Pick<
  ApiPorts,
  "passings" | "boxes" | "sites" | "clock" | "schedules" | "hoursCorrections" | "server" | "peopleSettings"
>;

/** The hours of a person in a range of days. */
export interface PersonHours {
  library: string;
  key: string;
  id: string;
  name: string | null;
  type: PersonFacts["type"];
  group: string | null;
  groups: readonly string[];
  days: HoursDay[];
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
}

/** Days for which closed months and corrections are kept: as set, and never less than events. */
export async function hoursDaysOf({ server, peopleSettings }: Pick<ApiPorts, "server" | "peopleSettings">) {
  const [{ eventDays }, { hoursDays }] = await Promise.all([server.retention(), peopleSettings.read()]);
  return Math.max(eventDays, hoursDays ?? 0);
}

/** Days of people that are counted in one turn. */
const daysATurn = 500;

interface Asked {
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
 * is in it with a passing in these days, or with a schedule.
 *
 * @param deps with the boxes of the site alone
 */
export async function countHours({ site, from, to, only, ...asked }: Asked, deps: HoursPorts): Promise<HoursOfSite> {
  requireDays({ from, to });
  const [names, libraries] = await Promise.all([deps.boxes.reader.names(), librariesOf(deps)]);
  const among = only === undefined ? null : new Set(libraries.boxesOf(only.library));
  const boxes = among === null ? names : names.filter((box) => among.has(box));
  const [stored, ofSite, written, known, retention, hoursDays] = await Promise.all([
    deps.sites.get(site),
    deps.hoursCorrections.of(site, { from, to }),
    deps.schedules.of(site),
    deps.passings.known(boxes),
    deps.server.retention(),
    hoursDaysOf(deps),
  ]);
  const { zone: zoneName, holidays, workWeek } = stored ?? deps.sites.unset(site);
  const schedules = asked.schedules ?? written;
  const zone = Zone.find(zoneName) ?? Zone.utc;
  const days = { from: dayNumber(from), to: dayNumber(to) };
  const range = {
    boxes,
    from: zone.startOfDay(days.from) - marginMs,
    to: zone.startOfDay(days.to + 1) + marginMs,
    of: only === undefined ? ("known" as const) : { key: only.key },
  };
  const passed = await readPassed(range, libraries, deps);
  const people = peopleIn(known, libraries);
  const hoursKeptFrom = dayText(zone.dayOf(deps.clock() - hoursDays * dayMs));
  const corrections = ofSite.filter(({ day }) => day >= hoursKeptFrom);
  const corrected = Map.groupBy(corrections, ({ library, key }) => personKeyIn(library, key));
  const keptFrom = deps.clock() - retention.eventDays * dayMs;
  const facts = { zone, holidays: new Set(holidays), workWeek, now: deps.clock() };
  const isMeant = (name: string) => only === undefined || name === personKeyIn(only.library, only.key);
  const named = [...new Set([...passed.keys(), ...people.keys(), ...corrected.keys()])].filter(isMeant);
  const counted: PersonHours[] = [];
  const peopleATurn = Math.ceil(daysATurn / (days.to - days.from + 1));
  await inTurns(named, peopleATurn, (name) => {
    const person = ofPerson(name, { passed, people, libraries });
    if (person === null) return;
    const { passings, ...shown } = person;
    const scheduleOn = scheduleFor(person.groups, schedules);
    const ofDays = corrected.get(name) ?? [];
    const counting = { ...facts, scheduleOn, corrections: newestOf(ofDays) };
    const hours = countDays(passings, days, counting).map((day) =>
      zone.startOfDay(dayNumber(day.day)) < keptFrom ? noLongerKept(day) : day,
    );
    const isShown = hours.some((day) => day.passings.length > 0 || day.isCorrected || day.schedule !== null);
    if (isShown || only !== undefined) counted.push({ ...shown, days: hours, corrections: ofDays });
  });
  return { site, zone, schedules, keptFrom: hoursKeptFrom, people: counted.sort(byName) };
}

interface Known {
  passed: ReadonlyMap<string, PassedPerson>;
  people: ReadonlyMap<string, readonly KnownPerson[]>;
  libraries: Libraries;
}

/** A person by `personKeyIn`, with its passings and all of its groups; null if nothing is known of it any more. */
function ofPerson(name: string, { passed, people, libraries }: Known) {
  const known = people.get(name) ?? [];
  const found = passed.get(name);
  const facts = found?.facts ?? known[0];
  if (facts === undefined) return null;
  const { key, id, name: called, type, group } = facts;
  const groups = new Set([...(found?.groups ?? []), ...known.flatMap((one) => one.group ?? [])]);
  return {
    library: found?.library ?? libraries.of(known[0]?.box ?? ""),
    ...{ key, id, name: called, type, group, groups: [...groups], passings: found?.passings ?? [] },
  };
}

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
  return {
    ...day,
    ...{ in: null, out: null, inEvent: null, outEvent: null, minutes: null, late: 0, early: 0 },
    ...{ state: "none", flags: ["no-longer-kept"], passings: [] },
  };
}

export function byName(a: PersonHours, b: PersonHours): number {
  return (
    nameOrder.compare(a.name ?? a.id, b.name ?? b.id) ||
    (personKeyIn(a.library, a.key) < personKeyIn(b.library, b.key) ? -1 : 1)
  );
}
