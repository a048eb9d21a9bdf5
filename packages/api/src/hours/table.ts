import { dayNumber, dayText, type HoursCorrection, type HoursDay, lastDayOf } from "@gatepost/core/hours";
import type { Zone } from "@gatepost/core/zones";
import { actingAs, actorsOf } from "../access/actors.ts";
import type { Cell } from "../exports/csv.ts";
import { inTurns } from "../people/in-turns.ts";
import { portsOfBoxes } from "../people/table.ts";
import type { HoursDeps } from "../ports.ts";
import { withClosed } from "./closed.ts";
import type { OnlyDay } from "./days-asked.ts";
import { countHours, newestOf, type PersonHours, partFlag } from "./hours.ts";
import { peopleWith } from "./only.ts";

/** The filter of a table of hours. */
export interface HoursFilter {
  site: string;
  from: string;
  to: string;
  group?: string;
  only?: readonly OnlyDay[];
  /** The boxes of the site that the caller saw. */
  boxes?: readonly string[];
}

/**
 * The columns of a table of hours: a row a person and day. The measured times are beside the ones that count, with the
 * passings on which they rest.
 */
export const hoursColumns = [
  ...["site", "library", "id", "name", "type", "group", "day", "schedule", "state", "in", "out", "minutes", "break"],
  ...["nightMinutes", "leaveFrom", "leaveTo"],
  ...["late", "early", "measuredIn", "measuredOut", "inEvent", "outEvent", "passings", "correctedIn", "correctedOut"],
  ...["reason", "correctedBy", "correctedAt", "flags"],
];

/** The days of a filter that are in one month, as `2026-11`; null if none is. */
function daysOfMonth({ from, to }: Pick<HoursFilter, "from" | "to">, month: string) {
  const [first, last] = [`${month}-01`, lastDayOf(month)];
  const days = { from: from > first ? from : first, to: to < last ? to : last };
  return days.from <= days.to ? days : null;
}

/** The month after another. */
export function monthAfter(month: string): string {
  return dayText(dayNumber(lastDayOf(month)) + 1).slice(0, 7);
}

/** The rows of one month of a filter, by the names of the people and by day. Days without anything have none. */
export async function hoursRows(filter: HoursFilter, month: string, deps: HoursDeps): Promise<Cell[][]> {
  const days = daysOfMonth(filter, month);
  if (days === null) return [];
  const ports = portsOfBoxes(filter.boxes, deps);
  const hours = await countHours({ site: filter.site, ...days }, ports);
  const { people } = await withClosed(hours, days, ports);
  const shown = peopleWith(people, filter);
  const counting = shown.map(({ corrections }) => newestOf(corrections));
  const actorOf = await actorsOf(
    counting.flatMap((ofPerson) => [...ofPerson.values()].map(({ by }) => by)),
    deps,
  );
  const nameOf = (id: string) => actingAs(actorOf(id)).name;
  const facts = { site: filter.site, zone: hours.zone, nameOf };
  const rows: Cell[][] = [];
  await inTurns(shown.entries(), peopleATurn, ([at, person]) => {
    for (const day of person.days) {
      if (isEmpty(day)) continue;
      rows.push(rowOf(person, day, { ...facts, correction: counting[at]?.get(day.day) ?? null }));
    }
  });
  return rows;
}

/** People whose month is written in one turn. */
const peopleATurn = 20;

function isEmpty({ state, isCorrected, flags, passings }: HoursDay): boolean {
  const isPlain = flags.every((flag) => flag === "roster" || flag === partFlag);
  return (state === "none" || state === "rest") && !isCorrected && isPlain && passings.length === 0;
}

interface RowFacts {
  site: string;
  zone: Zone;
  correction: HoursCorrection | null;
  nameOf(id: string): string | null;
}

function rowOf(
  { library, id, name, type, group }: PersonHours,
  day: HoursDay,
  { site, zone, correction, nameOf }: RowFacts,
): Cell[] {
  const moment = (at: number | null | undefined): Cell => (at === null || at === undefined ? null : { at, zone });
  const measured = (use: "first-in" | "last-out") => day.passings.find((passing) => passing.use === use);
  const [first, last] = [measured("first-in"), measured("last-out")];
  return [
    ...[site, library, id, name, type, group, { date: day.day }, day.schedule, day.state],
    ...[moment(day.in), moment(day.out), day.minutes, day.break],
    ...[day.nightMinutes, moment(day.leaveFrom), moment(day.leaveTo), day.late, day.early],
    ...[moment(first?.at), moment(last?.at), first?.event ?? day.inEvent, last?.event ?? day.outEvent],
    ...[day.passings.length, moment(correction?.in), moment(correction?.out), correction?.reason ?? null],
    ...[correction === null ? null : nameOf(correction.by), moment(correction?.madeAt), day.flags.join(" ") || null],
  ];
}
