import { GatepostError } from "@gatepost/core/errors";
import {
  type ClosedDay,
  type ClosedPerson,
  dayNumber,
  dayText,
  emptyDay,
  type HoursDay,
  lastDayOf,
  versionOn,
  windowsOf,
} from "@gatepost/core/hours";
import { instant } from "@gatepost/protocol";
import { personKeyIn } from "../people/passed.ts";
import type { ApiPorts } from "../ports.ts";
import { byName, type HoursOfSite, type PersonHours } from "./hours.ts";

/** A closed month in an answer, and the days that later reports and settings would have changed. */
export interface Closed {
  month: string;
  at: number;
  by: string;
  changed: { library: string; id: string; day: string }[];
}

interface Range {
  from: string;
  to: string;
}

/** The months of a range of days, as `2026-10`. */
export function monthsOf({ from, to }: Range): string[] {
  const days = Array.from({ length: dayNumber(to) - dayNumber(from) + 1 }, (_, n) => dayText(dayNumber(from) + n));
  return [...new Set(days.map((day) => day.slice(0, 7)))];
}

/** Throws 409 if the month of a day is closed. */
export async function requireOpen(site: string, day: string, { closedMonths }: Pick<ApiPorts, "closedMonths">) {
  const month = day.slice(0, 7);
  if ((await closedMonths.get(site, month)) === null) return;
  throw new GatepostError("conflict", `${month} is closed for this site`, { code: "closed" });
}

/** Throws 409 if a month has not ended (ms), with the shifts of its last day. */
export function requireEnded(month: string, { people, schedules, zone }: HoursOfSite, now: number): void {
  const last = lastDayOf(month);
  const ended = zone.startOfDay(dayNumber(last) + 1);
  const ofLast = new Set(people.flatMap(({ days }) => days.at(-1)?.schedule ?? []));
  const ends = [...ofLast].map((id) => windowsOf(dayNumber(last), versionOn(last, id, schedules), zone).out[1]);
  const end = Math.max(ended, ...ends);
  if (now >= end) return;
  const code = "not-ended";
  if (now < ended) throw new GatepostError("conflict", `${month} has not ended at this site`, { code });
  throw new GatepostError("conflict", `${month} ends with its last shift, at ${instant(end)}`, { code });
}

/** Replaces the days of closed months by those that were closed, and gives the closed months of the range. */
export async function withClosed(
  hours: HoursOfSite,
  range: Range,
  { closedMonths }: Pick<ApiPorts, "closedMonths">,
): Promise<{ people: PersonHours[]; closed: Closed[] }> {
  let { people } = hours;
  const closed: Closed[] = [];
  for (const month of monthsOf(range)) {
    const facts = await closedMonths.get(hours.site, month);
    if (facts === null) continue;
    const kept = await closedMonths.people(facts);
    const { merged, changed } = mergedWith(people, kept, { month, ...range, ...hours });
    people = merged;
    closed.push({ month, ...facts, changed });
  }
  return { people, closed };
}

function mergedWith(
  people: readonly PersonHours[],
  kept: readonly ClosedPerson[],
  { month, from, to, keptFrom, nameOf }: Range & { month: string } & Pick<HoursOfSite, "keptFrom" | "nameOf">,
): { merged: PersonHours[]; changed: Closed["changed"] } {
  const isOfMonth = ({ day }: ClosedDay) => day.startsWith(month) && day >= from && day <= to;
  const keptOf = new Map(kept.map((person) => [personKeyIn(person.library, person.key), person]));
  const changed: Closed["changed"] = [];
  const merged = people.map((person) => {
    const { library, key, id } = person;
    const name = personKeyIn(library, key);
    const { days: keptDays = [], isPart = false } = keptOf.get(name) ?? {};
    const days = new Map(keptDays.map((day) => [day.day, day]));
    keptOf.delete(name);
    const ofPerson = person.days.map((day) => {
      if (!isOfMonth(day)) return day;
      if (day.day < keptFrom) return { ...emptyDay(day.day), flags: ["no-longer-kept"] };
      const held = days.get(day.day) ?? emptyDay(day.day);
      const isBefore = person.begins !== null && day.day < person.begins;
      if (!isPart && !isBefore && !isSame(held, day)) changed.push({ library, id, day: day.day });
      return { ...held, passings: [...(held.passings ?? day.passings)] };
    });
    return { ...person, days: ofPerson };
  });
  for (const [called, { days, isPart: _, ...person }] of keptOf) {
    const ofRange = days
      .filter((day) => isOfMonth(day) && day.day >= keptFrom)
      .map((day) => ({ ...day, passings: [...(day.passings ?? [])] }));
    const groups = person.group === null ? [] : [person.group];
    if (ofRange.length > 0)
      merged.push({
        ...person,
        name: person.name ?? nameOf(called),
        groups,
        days: ofRange,
        begins: null,
        corrections: [],
      });
  }
  return { merged: merged.sort(byName), changed };
}

/** Whether a day is as it was closed. Days whose passings are gone cannot be compared. */
function isSame(kept: ClosedDay, now: HoursDay): boolean {
  if (now.flags.includes("no-longer-kept") || (isEmpty(kept) && isEmpty(now))) return true;
  return signOf(kept) === signOf(now);
}

/** Whether nothing was expected of a person on a day, and nothing is counted. */
function isEmpty({ in: first, out, state }: ClosedDay): boolean {
  return (state === "none" || state === "rest") && first === null && out === null;
}

/** The members of a day by which a change is found. */
export function signOf(day: ClosedDay): string {
  const { in: first, out, minutes, late, early, state, leaveFrom, leaveTo } = day;
  return JSON.stringify([first, out, minutes, day.break, day.nightMinutes, late, early, state, leaveFrom, leaveTo]);
}

/** A person as a closed month keeps it. */
export function closedPerson({ library, key, id, name, type, group, boxes, days }: PersonHours): ClosedPerson {
  return { library, key, id, name, type, group, boxes, days };
}
