import { GatepostError } from "@gatepost/core/errors";
import { dayNumber, dayText, openDayRules, type Schedule, shiftFault } from "@gatepost/core/hours";
import { masked } from "@gatepost/core/masking";
import { Zone } from "@gatepost/core/zones";
import * as z from "zod";
import { portsAtSite } from "../access/ports-for.ts";
import { managersAlone, managersOfPeople } from "../access/who.ts";
import { displayName, siteText } from "../names.ts";
import { exampleIds, exampleSchedule } from "../openapi/examples.ts";
import { namedObject, namedWords, sentObject } from "../openapi/named.ts";
import { personKeyIn } from "../people/passed.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { requireOpen, signOf, withClosed } from "./closed.ts";
import { countHours } from "./hours.ts";

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time as 08:30");
/** From, to. Both are alike, so that the document of the API describes a list of two. */
const window = z.tuple([clock, clock]).meta({ prefixItems: undefined, items: z.toJSONSchema(z.array(clock)).items });
const minutes = z.int().min(0).max(720);

const clockSpan = sentObject("ClockSpan", { from: clock, to: clock });

/** Breaks of a schedule, at most. */
const maxBreaks = 10;

export const breaks = z
  .array(
    z.union([
      clockSpan,
      sentObject("BreakAfter", {
        minutes: z.int().min(1).max(720),
        after: z
          .int()
          .min(0)
          .max(2160)
          .meta({ description: "Minutes from the first in to the last out, without leave." }),
      }),
    ]),
  )
  .max(maxBreaks)
  .meta({
    description:
      "At a time (`from` and `to`, between start and end), or of so many minutes, as far as the day is longer than `after`.",
  });

const openDays = namedWords(
  "OpenDays",
  openDayRules,
  "A day of work without a last out, after its window: `stay` leaves it open; `end` ends it with the shift, with the flag " +
    "`ended-by-rule`, until a passing or correction says otherwise. Not if the last passing with a direction is out.",
);

const night = clockSpan
  .nullable()
  .meta({ description: "The hours of the night, which are summed as `nightMinutes`; null: none." });

/** The name of a group, as boxes have it. */
const groupText = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .refine((text) => text.isWellFormed(), "must not have half a character");

const facts = {
  site: siteText,
  name: displayName,
  groups: z.array(groupText).min(1).max(100),
  start: clock,
  end: clock.meta({ description: "At or before `start`, it is on the next day." }),
  lateAfter: minutes.meta({ description: "Minutes of grace after the start." }),
  earlyBefore: minutes.meta({ description: "Minutes of grace before the end." }),
  weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).meta({ description: "From 1 (Monday) to 7." }),
  inWindow: window.meta({ description: "When the first in of a day may be; it contains the start." }),
  outWindow: window.meta({ description: "When the last out of a day may be; it contains the end." }),
  validFrom: z.iso.date().meta({ description: "The first day of this version; it is valid to the next one." }),
};

const body = z
  .strictObject({
    ...facts,
    breaks: breaks.default([]),
    openDays: openDays.default("stay"),
    night: night.default(null),
  })
  .meta({ id: "Schedule" });
const answer = namedObject("Schedule", { id: z.string(), ...facts, breaks, openDays, night });

/** The id of a schedule. */
export const scheduleText = z
  .string()
  .regex(/^sch_[0-9a-z-]{1,40}$/, "must be sch_ and 1 to 40 small letters, digits or hyphens");

const path = z.object({
  id: scheduleText.meta({ description: "`sch_` and up to 40 small letters, digits or hyphens." }),
});

const listSchedules = route({
  method: "GET",
  path: "/v1/schedules",
  who: managersOfPeople,
  about: {
    summary: "List the schedules of a site, with all versions",
    answer: {
      status: 200,
      is: "The versions, by name and first day.",
      schema: z.object({ schedules: z.array(answer) }),
    },
    example: { query: { site: "default" } },
  },
  asks: { query: z.object({ site: siteText }) },
  async answer({ query: { site } }, deps) {
    await portsAtSite(site, deps);
    const schedules = (await deps.schedules.of(site)).toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    return Response.json({ schedules: schedules.map((one) => ({ site, ...one })) });
  },
});

const putSchedule = route({
  method: "PUT",
  path: "/v1/schedules/:id",
  who: managersAlone,
  about: {
    summary: "Write a version of a schedule",
    detail:
      "Another `validFrom` is another version. It may be any day of an open month. If a person has several " +
      "schedules, the one with the weekday counts. If several have it, the first by name does, with the flag " +
      "`several-schedules`.",
    answer: { status: 200, is: "The version.", schema: answer },
    others: { 409: "The month of `validFrom` is closed (`closed`), or there are too many versions." },
    example: { path: { id: exampleIds.schedule }, body: exampleSchedule },
  },
  asks: { path, body },
  audits: {
    action: "schedule-changed",
    about: ({ path: { id }, body: { site, validFrom } }) => ({ schedule: id, site: masked(site), validFrom }),
  },
  async answer({ path: { id }, body: { site, ...asked } }, deps) {
    await portsAtSite(site, deps);
    const schedule = { id, ...asked };
    requireCountable(schedule);
    await requireOpen(site, schedule.validFrom, deps);
    await deps.schedules.put(site, schedule);
    return Response.json({ site, ...schedule });
  },
});

const removeSchedule = route({
  method: "DELETE",
  path: "/v1/schedules/:id",
  who: managersAlone,
  about: {
    summary: "Remove a schedule, or one version of it",
    answer: { status: 204, is: "It is removed." },
    example: { path: { id: exampleIds.schedule }, query: { site: "default" } },
  },
  asks: {
    path,
    query: z.object({
      site: siteText.meta({ description: "The site of the schedule." }),
      validFrom: z.iso.date().meta({ description: "Only the version of this first day." }).exactOptional(),
    }),
  },
  audits: {
    action: "schedule-changed",
    about: ({ path: { id }, query: { site } }) => ({ schedule: id, site: masked(site), removed: true }),
  },
  async answer({ path: { id }, query: { site, validFrom } }, deps) {
    await portsAtSite(site, deps);
    if (!(await deps.schedules.remove(site, id, validFrom ?? null))) {
      throw new GatepostError("not-found", "there is no such schedule at this site");
    }
    return new Response(null, { status: 204 });
  },
});

/** Days back that a trial looks at. */
const triedDays = 92;

const trySchedule = route({
  method: "POST",
  path: "/v1/schedules/:id/try",
  who: managersAlone,
  about: {
    summary: "Count the days that a version of a schedule would change",
    detail: `Nothing is written. Days of open months are counted, from \`validFrom\` to today, ${triedDays} at most.`,
    answer: { status: 200, is: "The number of days of people.", schema: z.object({ cells: z.int() }) },
    example: { path: { id: exampleIds.schedule }, body: exampleSchedule },
  },
  asks: { path, body },
  async answer({ path: { id }, body: { site, ...asked } }, deps) {
    const ports = await portsAtSite(site, deps);
    const schedule = { id, ...asked };
    requireCountable(schedule);
    return Response.json({ cells: await changedBy(schedule, site, ports) });
  },
});

export const scheduleRoutes = [listSchedules, putSchedule, removeSchedule, trySchedule];

function requireCountable(schedule: Schedule): void {
  const fault = shiftFault(schedule);
  if (fault !== null) throw new GatepostError("bad-request", fault);
}

/** How many days of open months are others with a version of a schedule. */
async function changedBy(schedule: Schedule, site: string, deps: ApiPorts): Promise<number> {
  const stored = (await deps.sites.get(site)) ?? deps.sites.unset(site);
  const today = (Zone.find(stored.zone) ?? Zone.utc).dayOf(deps.clock());
  const first = Math.max(dayNumber(schedule.validFrom), today - triedDays + 1);
  if (first > today) return 0;
  const range = { from: dayText(first), to: dayText(today) };
  const others = (await deps.schedules.of(site)).filter(
    ({ id, validFrom }) => id !== schedule.id || validFrom !== schedule.validFrom,
  );
  const [before, after] = await Promise.all([
    countHours({ site, ...range }, deps),
    countHours({ site, ...range, schedules: [...others, schedule] }, deps),
  ]);
  const [now, then] = await Promise.all([before, after].map((hours) => signsOf(hours, range, deps)));
  const days = new Set([...(now?.keys() ?? []), ...(then?.keys() ?? [])]);
  return [...days].filter((day) => now?.get(day) !== then?.get(day)).length;
}

async function signsOf(
  hours: Awaited<ReturnType<typeof countHours>>,
  range: { from: string; to: string },
  deps: ApiPorts,
): Promise<Map<string, string>> {
  const { people } = await withClosed(hours, range, deps);
  return new Map(
    people.flatMap(({ library, key, days }) =>
      days
        .filter(({ state }) => state !== "none")
        .map((day) => [`${day.day} ${personKeyIn(library, key)}`, signOf(day)] as const),
    ),
  );
}

/** The name and the first day of a version, as a list has them in order. */
function placeOf({ id, name, validFrom }: Schedule): string {
  return `${name} ${id} ${validFrom}`;
}
