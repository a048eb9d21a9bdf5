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

/**
 * Replaces the days of closed months by those that were closed, and gives the closed months of the range. Someone who was
 * of another library at the closing has a row of that library.
 *
 * @param range the days, and of which id alone the rows are wanted
 */
export async function withClosed(
  hours: HoursOfSite,
  { ofKey, ...range }: Range & { ofKey?: string },
  { closedMonths }: Pick<ApiPorts, "closedMonths">,
): Promise<{ people: PersonHours[]; closed: Closed[] }> {
  let { people } = hours;
  const rows = new Map<string, PersonHours>();
  const closed: Closed[] = [];
  for (const month of monthsOf(range)) {
    const facts = await closedMonths.get(hours.site, month);
    if (facts === null) continue;
    const kept = await closedMonths.people(facts, ofKey);
    const { merged, others, changed } = mergedWith(people, kept, { month, ...range, ...hours });
    people = merged;
    for (const row of others) {
      const name = personKeyIn(row.library, row.key);
      rows.set(name, { ...row, days: [...(rows.get(name)?.days ?? []), ...row.days] });
    }
    closed.push({ month, ...facts, changed });
  }
  return { people: rows.size === 0 ? people : [...people, ...rows.values()].sort(byName), closed };
}

type MonthFacts = Range & { month: string } & Pick<HoursOfSite, "keptFrom" | "nameOf">;

/** The people with the closed days of a month, and the closed rows of others: gone ones, and those of other libraries. */
function mergedWith(people: readonly PersonHours[], kept: readonly ClosedPerson[], month: MonthFacts) {
  const isOfMonth = ({ day }: ClosedDay) => day.startsWith(month.month) && day >= month.from && day <= month.to;
  const isOther = (day: ClosedDay) => !isOfMonth(day);
  const keptOf = Map.groupBy(kept, ({ key }) => key);
  const peopleOf = Map.groupBy(people, ({ key }) => key);
  const changed: Closed["changed"] = [];
  const merged = people.flatMap((person) => {
    const rows = rowsOf(person, keptOf.get(person.key));
    const [row] = rows;
    const isOwn = row === undefined || row.library === person.library;
    const atRow = (among: readonly PersonHours[]) => (row === undefined ? [] : among.filter((one) => isAt(row, one)));
    const isOne = isOwn || (rows.length === 1 && atRow(peopleOf.get(person.key) ?? []).length === 1);
    const then = closedDaysOf(row, month);
    const ofMonth = person.days.filter(isOfMonth);
    if (isOne && row?.isPart !== true) changed.push(...changedIn(person, { row, ofMonth, then }, month));
    const days = isOwn ? person.days.map((day) => (isOfMonth(day) ? then(day) : day)) : person.days.filter(isOther);
    return days.length === 0 ? [] : [{ ...person, days }];
  });
  const own = new Set(people.map(({ library, key }) => personKeyIn(library, key)));
  const others = kept.flatMap((row) => {
    if (own.has(personKeyIn(row.library, row.key))) return [];
    const days = row.days.filter((day) => isOfMonth(day) && day.day >= month.keptFrom);
    const now = peopleOf.get(row.key)?.find((person) => isAt(row, person));
    return days.length === 0 ? [] : [rowAlone({ ...row, days }, now, month)];
  });
  return { merged, others, changed };
}

/** The days as they were closed in a row, by the days as they are now. */
function closedDaysOf(row: ClosedPerson | undefined, { keptFrom }: MonthFacts) {
  const held = new Map(row?.days.map((day) => [day.day, day]));
  return (now: HoursDay): HoursDay => {
    if (now.day < keptFrom) return { ...emptyDay(now.day), flags: ["no-longer-kept"] };
    const then = held.get(now.day) ?? emptyDay(now.day);
    return { ...then, passings: [...(then.passings ?? now.passings)] };
  };
}

/** The days of a person that are others now. */
function changedIn(
  { library, id, begins }: PersonHours,
  {
    row,
    ofMonth,
    then,
  }: { row: ClosedPerson | undefined; ofMonth: readonly HoursDay[]; then(now: HoursDay): HoursDay },
  { keptFrom }: MonthFacts,
): Closed["changed"] {
  return ofMonth
    .filter((now) => now.day >= keptFrom && (begins === null || now.day >= begins) && !isSame(then(now), now))
    .map(({ day }) => ({ library: row?.library ?? library, id, day }));
}

/** The closed rows of a person: its own, or those of other libraries that had it at one of its boxes. */
function rowsOf(person: PersonHours, rows: readonly ClosedPerson[] = []): readonly ClosedPerson[] {
  const own = rows.filter(({ library }) => library === person.library);
  return own.length > 0 ? own : rows.filter((row) => isAt(row, person));
}

/** Whether a person is at one of the boxes at which the person of a row was known. */
function isAt({ boxes }: ClosedPerson, person: PersonHours): boolean {
  return boxes.length === 0 || boxes.some((box) => person.boxes.includes(box));
}

/** @param now the person of the row as the reader knows it */
function rowAlone(
  { isPart, ...row }: ClosedPerson,
  now: PersonHours | undefined,
  { nameOf }: Pick<HoursOfSite, "nameOf">,
): PersonHours {
  const { id, type, group } = isPart === true && now !== undefined ? now : row;
  const names = [row.library, ...row.boxes].map((library) => nameOf(personKeyIn(library, row.key)));
  const name = row.name ?? now?.name ?? names.find((one) => one !== null) ?? null;
  const days = row.days.map((day) => ({ ...day, passings: [...(day.passings ?? [])] }));
  const groups = group === null ? [] : [group];
  return { ...row, id, name, type, group, groups, days, begins: null, corrections: [] };
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
