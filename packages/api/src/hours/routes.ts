import { GatepostError } from "@gatepost/core/errors";
import {
  dayNumber,
  type HoursCorrection,
  type HoursDay,
  lastDayOf,
  type Schedule,
  versionOn,
} from "@gatepost/core/hours";
import { listed } from "@gatepost/core/lists";
import { masked } from "@gatepost/core/masking";
import type { Zone } from "@gatepost/core/zones";
import { actorSchema, comparable, instant, instantOrNull, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { actingAs, actingName, actorsOf } from "../access/actors.ts";
import { portsAtSite, requireBoxes, seesLibrary, seesSite } from "../access/ports-for.ts";
import { managersAlone, managersOfPeople } from "../access/who.ts";
import { actOf } from "../idempotency.ts";
import { countedMoment } from "../moments.ts";
import { siteText, writtenText } from "../names.ts";
import { exampleIds, examplePerson, exampleRepeatable } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import { nextPage, pageOf, paging, readPage } from "../page.ts";
import { inTurns } from "../people/in-turns.ts";
import { siteOf } from "../people/listing.ts";
import { personKeyIn } from "../people/passed.ts";
import { personPath } from "../people/persons.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { type Closed, closedPerson, monthsOf, requireEnded, requireOpen, withClosed } from "./closed.ts";
import { dayRange, dayState, only } from "./days-asked.ts";
import { countHours, hoursDaysOf, newestOf, type PersonHours, partFlag } from "./hours.ts";
import { isDayOf, peopleWith } from "./only.ts";
import { breaks } from "./schedules.ts";

const moments = z.iso.datetime();

const hoursDay = namedObject("HoursDay", {
  day: z.iso.date(),
  in: moments.nullable(),
  out: moments.nullable(),
  inEvent: z.string().nullable(),
  outEvent: z.string().nullable(),
  minutes: z
    .int()
    .nullable()
    .meta({ description: "From the first in to the last out, without break and leave; null without both." }),
  break: z.int().meta({
    description:
      "Minutes between them that are a break: the breaks of the schedule, or the time away if that is longer.",
  }),
  nightMinutes: z.int().meta({ description: "The ones of `minutes` in the night of the schedule." }),
  leaveFrom: moments.nullable().meta({ description: "A part of the day that is leave; with `leaveTo`." }),
  leaveTo: moments.nullable(),
  late: z.int().meta({ description: "Minutes; 0 within the grace." }),
  early: z.int(),
  state: dayState,
  isCorrected: z.boolean(),
  flags: z.array(z.string()).meta({
    description:
      "`clock`, `several-schedules`, `ended-by-rule`: the schedule ends open days, `roster`: its schedule is of the roster, " +
      "`roster-removed`: the roster names a removed one, so the group's counts; `part`: counted from the boxes that the caller " +
      "sees, of those that share their people; or `no-longer-kept`: passings of the day are gone.",
  }),
  passings: z
    .array(moments)
    .exactOptional()
    .meta({ description: "The times of the passings; only in a list of people on one day." }),
});

const correctionAnswer = namedObject("Correction", {
  id: z.string(),
  site: z.string(),
  library: z.string(),
  day: z.iso.date(),
  kind: z.enum(["times", "leave", "counted"]).meta({ description: "`counted` takes an earlier correction back." }),
  in: moments.nullable(),
  out: moments.nullable(),
  from: moments.nullable().meta({ description: "With `to`: the part of the day that is leave; null: all of it." }),
  to: moments.nullable(),
  reason: z.string(),
  at: moments,
  by: actorSchema,
  was: z.object({ in: moments.nullable(), out: moments.nullable() }),
});

const sum = {
  minutes: z.int(),
  nightMinutes: z.int(),
  late: z.int().meta({ description: "Days; so are the next ones." }),
  absent: z.int(),
  open: z.int(),
};

const hoursPerson = namedObject("HoursPerson", {
  library: z.string(),
  id: z.string(),
  name: z.string().nullable(),
  type: z.enum(personTypes),
  group: z.string().nullable(),
  schedule: z.string().nullable(),
  days: z.array(hoursDay),
  minutes: z.int(),
  nightMinutes: z.int(),
  corrections: z.array(correctionAnswer).meta({ description: "The ones that count." }),
});

const sheet = z.object({
  site: z.string(),
  from: z.iso.date(),
  to: z.iso.date(),
  zone: z.string(),
  closed: namedObject("ClosedDays", { at: moments, by: actorSchema })
    .nullable()
    .meta({ description: "If all of these days are closed." }),
  wouldHaveChanged: z
    .array(namedObject("ChangedDay", { library: z.string(), id: z.string(), day: z.iso.date() }))
    .meta({ description: "Days of closed months that later reports and settings would have changed." }),
  isPart: z.boolean().meta({
    description:
      "Whether days have the flag `part`: open days count the boxes that the caller sees, closed ones all of the site.",
  }),
  sum: namedObject("HoursSum", { people: z.int(), ...sum, corrected: z.int() }),
});

const sheetOfPeople = namedObject("HoursOfPeople", { ...sheet.shape, people: z.array(hoursPerson), next: nextPage });
const sheetOfGroups = namedObject("HoursOfGroups", {
  ...sheet.shape,
  groups: z.array(z.object({ group: z.string().nullable(), people: z.int(), ...sum })),
});

/** Days of people in one answer: some 3 MB. */
const maxDaysOfPage = 16_000;

/** Most people of a page. */
function peopleOf({ from, to }: { from: string; to: string }): number {
  return Math.max(1, Math.floor(maxDaysOfPage / (dayNumber(to) - dayNumber(from) + 1)));
}

const getHours = route({
  method: "GET",
  path: "/v1/hours",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "Count the hours of people of a site, or of groups",
    detail:
      "First in, last out and their difference, by the schedules of groups. Days are of the site's zone; at most 366. It is " +
      "counted anew for each answer, so a late report changes days of open months. `sum` and groups are of all people that match. " +
      `A page has at most ${maxDaysOfPage} days of people, and one person at least.`,
    answer: {
      status: 200,
      is: "The people by name, with their days; by group, the sums.",
      schema: z.union([sheetOfPeople, sheetOfGroups]),
    },
    example: { query: { site: "default", from: "2026-11-05", to: "2026-11-05" } },
  },
  asks: {
    query: z.object({
      site: siteText.meta({ description: "The site; `default`: boxes without a site." }),
      ...dayRange,
      by: z.enum(["person", "group"]).default("person").meta({ description: "People, or groups of people." }),
      group: z.string().min(1).max(256).exactOptional(),
      only: listed(only).meta({ description: "Only people with such a day." }).exactOptional(),
      ...paging,
    }),
  },
  async answer({ query: { site, from, to, by, group, only: wanted = [], ...page } }, deps) {
    await requireBoxes(deps);
    const hours = await countHours({ site, from, to }, deps);
    const { people, closed } = await withClosed(hours, { from, to }, deps);
    const shown = peopleWith(people, { group, only: wanted });
    const facts = {
      site,
      from,
      to,
      zone: hours.zone.name,
      closed: await closedOf(closed, { from, to }, deps),
      wouldHaveChanged: closed.flatMap(({ changed }) => changed),
      isPart: countOf(shown, ({ flags }) => flags.includes(partFlag)) > 0,
      sum: { people: shown.length, ...sumOf(shown), corrected: countOf(shown, isDayOf.corrected) },
    };
    if (by === "group") {
      const groups = [...Map.groupBy(shown, (person) => person.group)].map(([of, among]) => ({
        group: of,
        people: among.length,
        ...sumOf(among),
      }));
      return Response.json({ ...facts, groups });
    }
    const filter = { site, from, to, group, only: wanted };
    const { items, next } = await readPage(
      "hours",
      { ...filter, ...page, limit: Math.min(page.limit, peopleOf({ from, to })) },
      async (_, request) => pageOf(shown, request, nameOf),
      deps,
    );
    return Response.json({
      ...facts,
      people: await shownPeople(items, { isOneDay: from === to }, deps),
      next,
    });
  },
});

const getDay = route({
  method: "GET",
  path: "/v1/hours/:library/:id/:day",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "Show on which passings a day of a person rests",
    answer: {
      status: 200,
      is: "The passings, the counted day and the corrections, the oldest first.",
      schema: z.object({
        day: z.iso.date(),
        schedule: z
          .object({
            id: z.string(),
            name: z.string(),
            start: z.string(),
            end: z.string(),
            lateAfter: z.int(),
            earlyBefore: z.int(),
            breaks,
            validFrom: z.iso.date(),
          })
          .nullable()
          .meta({ description: "As it was on that day." }),
        passings: z.array(
          z.object({
            event: z.string(),
            at: moments,
            device: z.string().nullable(),
            direction: z.enum(["in", "out"]).nullable(),
            use: z.enum(["first-in", "last-out"]).nullable(),
            by: z.enum(["direction", "order"]).nullable(),
          }),
        ),
        counted: hoursDay,
        corrections: z.array(correctionAnswer),
      }),
    },
    example: { path: { ...examplePerson, day: "2026-11-05" } },
  },
  asks: {
    path: z.object({ ...personPath, day: z.iso.date().meta({ description: "As `2026-11-05`." }) }),
    query: z.object({
      site: siteText
        .meta({ description: "The site of whose sheet the cell is; absent: the one that the library is of now." })
        .exactOptional(),
    }),
  },
  async answer({ path, query: { site } }, deps) {
    const { library, id, day } = path;
    const ports = site === undefined ? deps : await portsAtSite(site, deps);
    const { schedules, counted, corrections } = await shownOn({ library, id, day, site }, ports);
    const { schedule: of, passings } = counted;
    const schedule = of === null ? null : versionOn(day, of, schedules);
    return Response.json({
      day,
      schedule: schedule === null ? null : shownSchedule(schedule),
      passings: passings.map(({ event, at, device, direction, use, by }) => ({
        event,
        at: instant(at),
        device,
        direction,
        use,
        by,
      })),
      counted: shownDay(counted),
      corrections: await shownCorrections(corrections, deps),
    });
  },
});

const addCorrection = route({
  method: "POST",
  path: "/v1/hours/corrections",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Correct a day of a person",
    detail:
      "The newest correction of a day counts, beside the counted times, which stay. `in` and `out`: null as counted. " +
      "`leave` with `from` and `to` is a part of the day, and may have `in` and `out`, too; without, it is the whole day.",
    answer: { status: 201, is: "The correction.", schema: correctionAnswer },
    others: {
      409: "The month is closed (`closed`), or the day is older than hours are kept (`no-longer-kept`).",
    },
    example: {
      headers: exampleRepeatable,
      body: {
        library: "gate-1",
        id: "666666",
        day: "2026-11-05",
        in: "2026-11-05T08:25:00+08:00",
        out: null,
        kind: "times",
        reason: "Was at the dock at 08:25, no gate there",
      },
    },
  },
  asks: {
    body: z
      .strictObject({
        ...personPath,
        day: z.iso.date(),
        in: countedMoment("The first in.").nullable().default(null),
        out: countedMoment("The last out.").nullable().default(null),
        kind: z.enum(["times", "leave"]),
        from: countedMoment("The begin of a part of the day that is leave.").nullable().default(null),
        to: countedMoment("The end of that part.").nullable().default(null),
        reason: writtenText(3, 200),
      })
      .refine(({ from, to }) => (from === null) === (to === null) && (from === null || to === null || from < to), {
        path: ["to"],
        message: "must be after from: give both, or neither",
      })
      .refine(
        ({ kind, in: first, out, from }) =>
          kind === "leave"
            ? from !== null || (first === null && out === null)
            : from === null && (first ?? out) !== null,
        {
          path: ["kind"],
          message: "times has in, out or both; leave has from and to, or is of the whole day without any time",
        },
      ),
  },
  audits: {
    action: "hours-corrected",
    about: ({ body: { library, id, day, kind } }, hidden) => ({
      library: masked(library),
      person: hidden(id),
      day,
      kind,
    }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ correction: id })),
  },
  async answer({ body: { library, id, day, in: first, out, kind, from, to, reason }, caller, headers }, deps) {
    const body = JSON.stringify([library, id, day, first, out, kind, from, to, reason]);
    const { id: newId, mayBeRepeat } = actOf("cor_", [body], { caller, headers });
    const earlier = mayBeRepeat ? await deps.hoursCorrections.get(newId) : null;
    if (earlier !== null) return Response.json((await shownCorrections([earlier], deps))[0], { status: 201 });
    const { site, person } = await personOn({ library, id, day }, deps);
    await requireOpen(site.site, day, deps);
    requireKept(day, site.keptFrom);
    requireNear(day, [first, out, from, to === null ? null : to - 1], site.zone);
    const was = timesOf(person);
    requireOrder({ first, out }, person);
    const asked = { site: site.site, library, key: person.key, day, kind, in: first, out, reason, by: caller.id };
    const leave = from === null || to === null ? null : ([from, to] as const);
    const correction = { ...asked, leave, boxes: person.boxes, madeAt: deps.clock(), was };
    const made = await deps.hoursCorrections.add(correction, await hoursDaysOf(deps), newId);
    const [shown] = await shownCorrections([made], deps);
    return Response.json(shown, { status: 201 });
  },
});

const takeBackCorrection = route({
  method: "DELETE",
  path: "/v1/hours/corrections/:id",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Take back the corrections of a day",
    detail: "It adds a correction by which the day is as counted; both stay in the list.",
    answer: { status: 204, is: "The day is as counted." },
    others: { 409: "The month is closed (`closed`)." },
    example: { path: { id: exampleIds.hoursCorrection } },
  },
  asks: { path: z.object({ id: z.string().max(64).meta({ description: "`cor_…`" }) }) },
  audits: {
    action: "hours-corrected",
    about: ({ path: { id } }) => ({
      correction: /^cor_[0-9a-f]{1,40}$/.test(id) ? id : "no correction",
      removed: true,
    }),
  },
  async answer({ path: { id }, caller }, deps) {
    const held = await deps.hoursCorrections.get(id);
    if (held === null || !(await seesLibrary(held.library, deps))) {
      throw new GatepostError("not-found", "there is no such correction");
    }
    await requireOpen(held.site, held.day, deps);
    const { id: _, leave: __, ...facts } = held;
    const was = { in: held.in, out: held.out };
    const back = { kind: "counted" as const, in: null, out: null, reason: "Taken back", was };
    const taken = { ...facts, ...back, by: caller.id, madeAt: deps.clock() };
    await deps.hoursCorrections.add(taken, await hoursDaysOf(deps));
    return new Response(null, { status: 204 });
  },
});

const closeMonth = route({
  method: "POST",
  path: "/v1/hours/close",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Close a month of a site",
    detail:
      "Its days then stay as they are: later reports, corrections and settings change nothing, and `wouldHaveChanged` of the " +
      "hours names the days that they would have changed.",
    answer: {
      status: 200,
      is: "The number of people whose days are kept.",
      schema: z.object({ site: z.string(), month: z.string(), people: z.int() }),
    },
    others: {
      409: "It is closed already (`closed`), has not ended (`not-ended`), or is older than hours are kept (`no-longer-kept`).",
    },
    example: { headers: exampleRepeatable, body: { site: "default", month: "2026-10" } },
  },
  asks: {
    body: z.strictObject({
      site: siteText,
      month: z.string().regex(/^2\d{3}-(?:0[1-9]|1[0-2])$/, "must be a month as 2026-10"),
    }),
  },
  dear: true,
  audits: {
    action: "month-closed",
    about: ({ body: { site, month } }) => ({ site: masked(site), month }),
    tells: z.object({ people: z.int() }),
  },
  async answer({ body: { site, month }, caller, headers }, deps) {
    const ofSite = await portsAtSite(site, deps);
    const from = `${month}-01`;
    const { id: act, mayBeRepeat } = actOf("cls_", [JSON.stringify([site, month])], { caller, headers });
    const closed = (people: number) => Response.json({ site, month, people });
    const earlier = mayBeRepeat ? await deps.closedMonths.get(site, month) : null;
    if (earlier?.act === act) return closed(earlier.people);
    await requireOpen(site, from, deps);
    const to = lastDayOf(month);
    const hours = await countHours({ site, from, to }, ofSite);
    const { people } = hours;
    requireKept(to, hours.keptFrom);
    requireEnded(month, hours, deps.clock());
    const made = { site, month, by: caller.id, at: deps.clock(), keptDays: await hoursDaysOf(deps), act };
    if (!(await deps.closedMonths.close(made, people.map(closedPerson)))) {
      const other = await deps.closedMonths.get(site, month);
      if (other?.act === act) return closed(other.people);
      throw new GatepostError("conflict", `${month} is closed for this site`, { code: "closed" });
    }
    deps.log.info("month closed", { site, month, people: people.length });
    return closed(people.length);
  },
});

export const hoursRoutes = [getHours, getDay, addCorrection, takeBackCorrection, closeMonth];

/** Throws 409 for a day of which nothing is kept any more. */
function requireKept(day: string, keptFrom: string): void {
  if (day >= keptFrom) return;
  throw new GatepostError("conflict", `hours are kept from ${keptFrom} on`, { code: "no-longer-kept" });
}

/** Throws 400 for a time that is not on the day, or on one beside it, by the clocks of the site. */
function requireNear(day: string, times: readonly (number | null)[], zone: Zone): void {
  const distance = (time: number) => Math.abs(zone.dayOf(time) - dayNumber(day));
  if (times.every((time) => time === null || distance(time) <= 1)) return;
  throw new GatepostError("bad-request", "in, out, from, to: must be on the day, or on one beside it");
}

/** Throws 400 if the last out is not after the first in, with the corrected one, or both: one of them would not count. */
function requireOrder({ first, out }: { first: number | null; out: number | null }, person: PersonHours): void {
  const [begins, ends] = [first ?? countedAs("first-in", person), out ?? countedAs("last-out", person)];
  const isLeave = first === null && out === null;
  if (isLeave || begins === null || ends === null || begins < ends) return;
  throw new GatepostError(
    "bad-request",
    out === null
      ? `in: ${instant(begins)} is not before the last out, ${instant(ends)}: correct that, too`
      : `out: ${instant(ends)} is not after the first in, ${instant(begins)}: is it on the next day?`,
  );
}

interface PersonOnDay {
  library: string;
  id: string;
  day: string;
  /** Undefined: the site that the library is of now. */
  site?: string | undefined;
}

async function hoursOn({ library, id, day, ...asked }: PersonOnDay, deps: ApiPorts) {
  const { site = (await siteOf(library, deps)).id } = asked;
  return countHours({ site, from: day, to: day, only: { library, key: comparable(id) } }, deps);
}

const unknownPerson = () => new GatepostError("not-found", "no such person is known in this library");

/** The hours of a person on one day, as they are now. Throws 404 if the caller does not see the person. */
async function personOn(asked: PersonOnDay, deps: ApiPorts) {
  const site = await hoursOn(asked, deps);
  const [person] = site.people;
  if (person === undefined) throw unknownPerson();
  return { site, person };
}

/** A day of a person as the sheet shows it, with its corrections; a closed one by the library of then. */
async function shownOn(asked: PersonOnDay, deps: ApiPorts) {
  const { library, id, day } = asked;
  const hours = await hoursOn(asked, deps);
  const { site, schedules } = hours;
  const [person] = hours.people;
  if (person === undefined && !(await seesSite(site, deps))) throw unknownPerson();
  const { people } = await withClosed(hours, { from: day, to: day, ofKey: comparable(id) }, deps);
  const found = people.find((one) => one.library === library);
  const [counted] = found?.days ?? [];
  if (found === undefined || counted === undefined) {
    if (person === undefined) throw unknownPerson();
    const then = people.map((one) => one.library).join(" or ");
    throw new GatepostError("not-found", `this day was closed when the person was of ${then}; ask for it there`);
  }
  if (person !== undefined) return { schedules, counted, corrections: person.corrections };
  const libraries = new Set([library, ...found.boxes]);
  const ofDay = await deps.hoursCorrections.of(site, { from: day, to: day });
  return {
    schedules,
    counted,
    corrections: ofDay.filter((one) => one.key === found.key && libraries.has(one.library)),
  };
}

function shownSchedule({ id, name, start, end, lateAfter, earlyBefore, breaks: of, validFrom }: Schedule) {
  return { id, name, start, end, lateAfter, earlyBefore, breaks: [...of], validFrom };
}

function timesOf({ days: [day] }: PersonHours): { in: number | null; out: number | null } {
  return { in: day?.in ?? null, out: day?.out ?? null };
}

/** A time by the passings alone: the newest correction replaces earlier ones. */
function countedAs(counted: "first-in" | "last-out", { days: [day] }: PersonHours): number | null {
  return day?.passings.find(({ use }) => use === counted)?.at ?? null;
}

function nameOf({ library, key }: PersonHours): string {
  return personKeyIn(library, key);
}

/** People whose days are written in one turn. */
const peopleATurn = 20;

function shownDay({ passings: _, schedule: __, ...day }: HoursDay): z.input<typeof hoursDay> {
  const { in: first, out, leaveFrom, leaveTo } = day;
  const leave = { leaveFrom: instantOrNull(leaveFrom), leaveTo: instantOrNull(leaveTo) };
  return { ...day, in: instantOrNull(first), out: instantOrNull(out), ...leave };
}

/** People of a page. @param isOneDay whether the passings of that day are shown, too */
async function shownPeople(
  people: readonly PersonHours[],
  { isOneDay }: { isOneDay: boolean },
  deps: ApiPorts,
): Promise<z.input<typeof hoursPerson>[]> {
  const counting = people.map(({ corrections }) => [...newestOf(corrections).values()]);
  const actorOf = await actingOf(
    counting.flat().map(({ by }) => by),
    deps,
  );
  const passingsOf = ({ passings }: HoursDay) => (isOneDay ? { passings: passings.map(({ at }) => instant(at)) } : {});
  const shown: z.input<typeof hoursPerson>[] = [];
  await inTurns(people.entries(), peopleATurn, ([at, { library, id, name, type, group, days }]) => {
    shown.push({
      library,
      id,
      name,
      type,
      group,
      schedule: days.at(-1)?.schedule ?? null,
      days: days.map((day) => ({ ...shownDay(day), ...passingsOf(day) })),
      ...minutesIn(days),
      corrections: (counting[at] ?? []).map((correction) => shownCorrection(correction, actorOf(correction.by))),
    });
  });
  return shown;
}

function minutesIn(days: readonly HoursDay[]): { minutes: number; nightMinutes: number } {
  return {
    minutes: days.reduce((all, { minutes }) => all + (minutes ?? 0), 0),
    nightMinutes: days.reduce((all, { nightMinutes }) => all + nightMinutes, 0),
  };
}

function countOf(people: readonly PersonHours[], isCounted: (day: HoursDay) => boolean): number {
  return people.reduce((all, { days }) => all + days.filter(isCounted).length, 0);
}

function sumOf(people: readonly PersonHours[]) {
  return {
    ...minutesIn(people.flatMap(({ days }) => days)),
    late: countOf(people, isDayOf.late),
    absent: countOf(people, isDayOf.absent),
    open: countOf(people, isDayOf.open),
  };
}

async function closedOf(closed: readonly Closed[], range: { from: string; to: string }, deps: ApiPorts) {
  const last = closed.at(-1);
  if (last === undefined || closed.length < monthsOf(range).length) return null;
  return { at: instant(last.at), by: await actingName(last.by, deps) };
}

async function shownCorrections(corrections: readonly HoursCorrection[], deps: ApiPorts) {
  const actorOf = await actingOf(
    corrections.map(({ by }) => by),
    deps,
  );
  return corrections.map((correction) => shownCorrection(correction, actorOf(correction.by)));
}

function shownCorrection(
  { key: _, boxes: __, in: first, out, leave, was, madeAt, by: ___, ...facts }: HoursCorrection,
  by: z.input<typeof actorSchema>,
): z.input<typeof correctionAnswer> {
  return {
    ...facts,
    in: instantOrNull(first),
    out: instantOrNull(out),
    from: instantOrNull(leave?.[0] ?? null),
    to: instantOrNull(leave?.[1] ?? null),
    at: instant(madeAt),
    by,
    was: { in: instantOrNull(was.in), out: instantOrNull(was.out) },
  };
}

/** The people and keys behind some ids, as answers have them. */
async function actingOf(ids: readonly string[], deps: ApiPorts) {
  const named = await actorsOf(ids, deps);
  return (id: string) => actingAs(named(id));
}
