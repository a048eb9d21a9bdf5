import { GatepostError } from "@gatepost/core/errors";
import { personText } from "@gatepost/core/events";
import { dayText, type HoursDay } from "@gatepost/core/hours";
import { masked } from "@gatepost/core/masking";
import { latestOf, type Passing, type StoredPassing } from "@gatepost/core/people";
import { standingAt } from "@gatepost/core/presence";
import { comparable, dayMs, instant, instantOrNull, merge, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { guards, managersAlone, managersOfPeople } from "../access/who.ts";
import { noSuchEvent } from "../events/routes.ts";
import { withClosed } from "../hours/closed.ts";
import { dayRange, dayState } from "../hours/days-asked.ts";
import { type AskedHours, countHours, hoursDaysOf } from "../hours/hours.ts";
import { leftOn, newestLastDays, requireLastDay, shownLastDay } from "../hours/last-day.ts";
import { everyRecordOf } from "../hours/roster-days.ts";
import { usualOf } from "../hours/usual.ts";
import { exampleIds, examplePerson } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import { nextPage, pageOf, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { boxesOf, passingsOf, shownDays, siteOf } from "./listing.ts";
import { gated, librariesOf, readPassings } from "./passed.ts";
import { hrefsOf, openStates } from "./rows.ts";

export const personPath = {
  library: z.string().min(1).max(256).meta({ description: "A box, or `~SITE` if the site shares its people." }),
  id: personText,
};

const moments = z.iso.datetime();

const personDay = namedObject("PersonDay", {
  day: z.iso.date(),
  in: moments.nullable(),
  out: moments.nullable(),
  minutes: z.int().nullable().meta({ description: "From the first in to the last out, without the break." }),
  break: z.int(),
  nightMinutes: z.int(),
  leaveFrom: moments.nullable(),
  leaveTo: moments.nullable(),
  late: z.int().meta({ description: "Minutes after the start of the schedule; 0 within the grace." }),
  early: z.int(),
  state: dayState,
  flags: z.array(z.string()),
  passings: z.array(moments),
});

const clockText = z.string().meta({ description: "As clocks of the site show it, `07:52`." });
const span = z.array(clockText).nullable();

const personAnswer = namedObject("Person", {
  library: z.string(),
  id: z.string(),
  names: z.array(z.string()),
  type: z.enum(personTypes),
  groups: z.array(z.string()),
  schedule: z.string().nullable(),
  boxes: z.array(z.string()),
  first: moments,
  last: moments,
  leftOn,
  inside: z.object({ site: z.string(), since: moments }).nullable(),
  registered: z.object({ href: z.string() }).nullable(),
  latest: z.string(),
  events: z.int(),
  open: z.array(z.string()).meta({ description: "Open actions of the last passing." }),
  conflict: z
    .array(z.object({ box: z.string(), name: z.string() }))
    .nullable()
    .meta({ description: "The names, if boxes that share the id have several." }),
  usual: z
    .object({ in: span, out: span, weekdays: z.array(z.int()) })
    .nullable()
    .meta({
      description: "The middle 80 % of the first in and the last out of 28 days with both; null with under five.",
    }),
  days: z.array(personDay).meta({ description: "The last 14 days, the newest last." }),
  gates: z.array(z.object({ device: z.string(), count: z.int() })).meta({ description: "The most used device first." }),
});

/** After the time of every event. */
const farTo = Date.UTC(3000, 0);

const erasedPerson = { 410: "The person was erased; the time is in the detail." };

const getPerson = route({
  method: "GET",
  path: "/v1/people/:library/:id",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "Get one person of a library",
    detail: "By the kept events at the boxes of the library that the caller sees.",
    answer: { status: 200, is: "The person.", schema: personAnswer },
    others: erasedPerson,
    example: { path: examplePerson },
  },
  asks: { path: z.object(personPath) },
  async answer({ path }, deps) {
    const { library } = path;
    const [stored, site] = await Promise.all([passingsOf(path, { from: 0, to: farTo }, deps), siteOf(library, deps)]);
    const latest = latestOf(stored);
    if (latest?.person == null) throw await noSuchPerson(path, deps);
    const { key, id, type } = latest.person;
    const passings = await gated(stored, deps);
    const today = site.zone.dayOf(deps.clock());
    const range = { from: dayText(today - 59), to: dayText(today) };
    const days = (await daysOf({ site: site.id, ...range, only: { library, key } }, deps)) ?? [];
    const libraries = await librariesOf(deps);
    const lastDays = await deps.lastDays.of(site.id, everyRecordOf([{ library, key }], libraries));
    const [lastDay = null] = newestLastDays(lastDays, libraries).values();
    const departed = (await deps.departures.of(site.id)).filter(
      (one) => libraries.of(one.library) === library && one.key === key,
    );
    const event = await deps.events.get(latest.event);
    const shown = event === null ? null : merge(event);
    const registered = shown === null ? null : hrefsOf(shown).registered;
    const times = passings.map(({ at }) => at);
    const presence = standingAt(
      passings,
      departed.map(({ leftAt }) => leftAt),
      deps.clock(),
    );
    return Response.json({
      library,
      id,
      names: textsIn(stored, "name"),
      type,
      groups: textsIn(stored, "group"),
      schedule: days.at(-1)?.schedule ?? null,
      boxes: [...new Set(stored.map(({ box }) => box))].toSorted(),
      first: instant(times.reduce((least, time) => Math.min(least, time), latest.at)),
      last: instant(latest.at),
      leftOn: lastDay === null ? null : await shownLastDay(lastDay, deps),
      inside: presence.is === "inside" ? { site: site.id, since: instant(presence.since) } : null,
      registered: registered === null ? null : { href: registered },
      latest: latest.event,
      events: stored.length,
      open: (shown?.actions ?? []).filter(({ state }) => openStates.has(state)).map((action) => action.id),
      conflict: conflictIn(stored),
      usual: usualOf(days, site.zone),
      days: days.slice(-shownDays).map(shownDay),
      gates: gatesIn(passings),
    } satisfies z.input<typeof personAnswer>);
  },
});

const setLastDay = route({
  method: "PATCH",
  path: "/v1/people/:library/:id",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Set the last day of work of a person, or take it back",
    detail:
      "No day after it is of work: none is absent or late. Passings after it are counted as without a schedule. Closed months " +
      "stay as they are. It may be a year ahead.",
    answer: { status: 200, is: "The last day.", schema: z.object({ leftOn }) },
    others: erasedPerson,
    example: { path: examplePerson, body: { leftOn: "2026-11-20" } },
  },
  asks: {
    path: z.object(personPath),
    body: z.strictObject({
      leftOn: z.iso.date().nullable().meta({ description: "By the zone of the site; null takes it back." }),
    }),
  },
  audits: {
    action: "last-day-set",
    about: ({ path: { library, id }, body }, hidden) => ({
      library: masked(library),
      person: hidden(id),
      removed: body.leftOn === null || null,
      leftOn: body.leftOn,
    }),
  },
  async answer({ path, body, caller }, deps) {
    const { library } = path;
    const [stored, { id: site, zone }] = await Promise.all([
      passingsOf(path, { from: 0, to: farTo }, deps),
      siteOf(library, deps),
    ]);
    const [{ person } = { person: null }] = stored;
    if (person === null) throw await noSuchPerson(path, deps);
    const personKey = { site, library, key: person.key };
    // One that was set at a box before it shared its people would count again.
    const removeOthers = async (of: "all" | "boxes") => {
      for (const one of everyRecordOf([personKey], await librariesOf(deps))) {
        if (of === "all" || one.library !== library) await deps.lastDays.remove({ ...one, site });
      }
    };
    if (body.leftOn === null) {
      await removeOthers("all");
      return Response.json({ leftOn: null });
    }
    const first = stored.reduce((least, { at }) => Math.min(least, at), farTo);
    requireLastDay(body.leftOn, { first, now: deps.clock(), zone });
    const boxes = [...new Set(stored.map(({ box }) => box))].toSorted();
    const set = { ...personKey, boxes, leftOn: body.leftOn, by: caller.id, madeAt: deps.clock() };
    await deps.lastDays.set(set, await hoursDaysOf(deps));
    await removeOthers("boxes");
    return Response.json({ leftOn: await shownLastDay(set, deps) });
  },
});

const getDays = route({
  method: "GET",
  path: "/v1/people/:library/:id/days",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "List the days of a person",
    detail:
      "As hours are counted: by schedules and corrections as they are now, and days of a closed month as they were closed. If " +
      "the person was of another library at the closing, the closed days are of that one. At most 366 days.",
    answer: { status: 200, is: "The days, the newest last.", schema: z.object({ days: z.array(personDay) }) },
    others: erasedPerson,
    example: { path: examplePerson, query: { from: "2026-11-05", to: "2026-11-05" } },
  },
  asks: { path: z.object(personPath), query: z.object(dayRange) },
  async answer({ path: { library, id }, query: { from, to } }, deps) {
    const site = await siteOf(library, deps);
    const only = { library, key: comparable(id) };
    const days = await daysOf({ site: site.id, from, to, only }, deps);
    if (days === null) throw await noSuchPerson({ library, id }, deps);
    return Response.json({ days: days.map(shownDay) });
  },
});

/** The days of a person as the sheet of hours has them; null if there is no such person. */
async function daysOf(
  { only, ...asked }: Required<Pick<AskedHours, "site" | "from" | "to" | "only">>,
  deps: ApiPorts,
): Promise<HoursDay[] | null> {
  const hours = await countHours({ ...asked, only }, deps);
  const { people } = await withClosed(hours, { from: asked.from, to: asked.to, ofKey: only.key }, deps);
  const found = people.find(({ library }) => library === only.library);
  return found?.days ?? (hours.people.length > 0 ? [] : null);
}

const capture = namedObject("Capture", {
  event: z.string(),
  at: moments,
  device: z.string().nullable(),
  score: z.number().nullable(),
  href: z.string(),
});

const getCaptures = route({
  method: "GET",
  path: "/v1/people/:library/:id/captures",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "List the captured faces of a person, newest first",
    answer: { status: 200, is: "One page.", schema: z.object({ captures: z.array(capture), next: nextPage }) },
    example: { path: examplePerson },
  },
  asks: { path: z.object(personPath), query: z.object(paging) },
  async answer({ path, query }, deps) {
    const page = await readPage(
      "captures",
      { ...path, ...query },
      async (_, request) => {
        const all = (await passingsOf(path, { from: 0, to: farTo }, deps)).filter(({ pictures }) =>
          pictures.includes("face"),
        );
        return pageOf(all.sort(newestFirst), request, ({ event }) => event);
      },
      deps,
    );
    const shown = await gated(page.items, deps);
    const captures = page.items.map(({ event, score }, n) => ({
      event,
      at: instant(shown[n]?.at ?? 0),
      device: shown[n]?.device ?? null,
      score,
      href: `/v1/events/${event}/pictures/face?width=192`,
    }));
    return Response.json({ captures, next: page.next });
  },
});

/** Strangers of a page of `near`. */
const nearLimit = 18;

const getNear = route({
  method: "GET",
  path: "/v1/events/:id/near",
  who: guards,
  about: {
    summary: "List passings of strangers at the same device, to compare by eye",
    detail: "Nothing is compared by machine. The event itself is left out.",
    answer: {
      status: 200,
      is: "18 at most, newest first.",
      schema: z.object({
        near: z.array(
          z.object({
            event: z.string(),
            at: moments,
            device: z.string().nullable(),
            acknowledgement: z.string().nullable().meta({ description: "The id of its acknowledgement." }),
          }),
        ),
        total: z.int(),
        next: nextPage,
      }),
    },
    example: { path: { id: exampleIds.event }, query: { days: "7" } },
  },
  asks: {
    path: z.object({ id: z.string().max(64).meta({ description: "`evt_…`" }) }),
    query: z.object({
      device: z.string().max(64).meta({ description: "The key of another device (`dev_…`)." }).exactOptional(),
      days: z.enum(["1", "7", "30"]).default("7").meta({ description: "Days before and after." }),
      cursor: paging.cursor,
    }),
  },
  async answer({ path: { id }, query: { device, days, cursor } }, deps) {
    const stored = await deps.events.get(id);
    if (stored === null) throw noSuchEvent();
    const event = merge(stored);
    const find = await deps.boxes.labels.gates([event.box.id]);
    const wanted = device ?? find(event.box.id, event.device).key;
    const boxes = device === undefined ? [event.box.id] : await deps.boxes.reader.names();
    const ms = Number(days) * dayMs;
    const range = { boxes, from: event.timestamp - ms, to: event.timestamp + ms, of: "strangers" as const };
    const passings = await gated(await readPassings(range, deps), deps);
    const near = passings.filter((one) => one.event !== id && one.device === wanted).sort(newestFirst);
    const page = await readPage(
      "near",
      { id, days, limit: nearLimit, device, cursor },
      async (_, request) => pageOf(near, request, ({ event }) => event),
      deps,
    );
    const marks = await deps.seen.among(page.items.map((one) => one.event));
    return Response.json({
      near: page.items.map((one) => ({
        event: one.event,
        at: instant(one.at),
        device: one.device,
        acknowledgement: marks.get(one.event)?.acknowledgement ?? null,
      })),
      total: near.length,
      next: page.next,
    });
  },
});

export const personRoutes = [getPerson, setLastDay, getDays, getCaptures];
export const nearRoutes = [getNear];

function newestFirst(a: Pick<Passing, "at" | "event">, b: Pick<Passing, "at" | "event">): number {
  return b.at - a.at || (a.event < b.event ? -1 : 1);
}

/** 410 with the time of the erasure, or 404. */
async function noSuchPerson({ library, id }: { library: string; id: string }, deps: ApiPorts): Promise<GatepostError> {
  const boxes = await boxesOf(library, deps);
  const erasedAt = boxes.length === 0 ? null : await deps.jobs.erasures.suppressedSince(id, [null, ...boxes]);
  if (erasedAt === null) return new GatepostError("not-found", "no such person is known in this library");
  return new GatepostError("gone", `the person was erased at ${instant(erasedAt)}`, { code: "erased" });
}

/** The latest first. */
function textsIn(stored: readonly StoredPassing[], member: "name" | "group"): string[] {
  const latestFirst = stored.toSorted((a, b) => b.at - a.at);
  return [...new Set(latestFirst.flatMap(({ person }) => person?.[member] ?? []))];
}

/** The latest name at each box, if there are several. */
function conflictIn(stored: readonly StoredPassing[]): { box: string; name: string }[] | null {
  const names = [...Map.groupBy(stored, ({ box }) => box)].flatMap(([box, ofBox]) => {
    const [name] = textsIn(ofBox, "name");
    return name === undefined ? [] : [{ box, name }];
  });
  return new Set(names.map(({ name }) => name)).size > 1 ? names : null;
}

function gatesIn(passings: readonly Passing[]): { device: string; count: number }[] {
  const gates = Map.groupBy(passings, ({ device }) => device);
  const counts = [...gates].flatMap(([device, of]) => (device === null ? [] : [{ device, count: of.length }]));
  return counts.sort((a, b) => b.count - a.count || (a.device < b.device ? -1 : 1));
}

function shownDay(of: HoursDay): z.input<typeof personDay> {
  const { day, minutes, break: taken, nightMinutes, late, early, state, flags } = of;
  const times = { in: instantOrNull(of.in), out: instantOrNull(of.out) };
  return {
    day,
    ...times,
    minutes,
    break: taken,
    nightMinutes,
    leaveFrom: instantOrNull(of.leaveFrom),
    leaveTo: instantOrNull(of.leaveTo),
    late,
    early,
    state,
    flags,
    passings: of.passings.map(({ at }) => instant(at)),
  };
}
