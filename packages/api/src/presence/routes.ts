import { hasDirection } from "@gatepost/core/boxes";
import { GatepostError } from "@gatepost/core/errors";
import { personText } from "@gatepost/core/events";
import { masked } from "@gatepost/core/masking";
import { type PersonFacts, pinyinOf } from "@gatepost/core/people";
import type { Inside, SitePresence } from "@gatepost/core/presence";
import { actorSchema, comparable, dayMs, instant, instantOrNull, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { actingName } from "../access/actors.ts";
import { portsAtSite, requireBoxes, seesLibrary } from "../access/ports-for.ts";
import { managersAlone, managersOfPeople } from "../access/who.ts";
import { actOf } from "../idempotency.ts";
import { countedMoment } from "../moments.ts";
import { siteText, writtenText } from "../names.ts";
import { exampleIds, exampleRepeatable } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import { nextPage, pageOf, paging, readPage } from "../page.ts";
import { nameOrder, personKeyIn, portraitKind } from "../people/passed.ts";
import { type VisitFacts, visitsOf } from "../people/visit-of.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { type CountedPerson, readPresence, readPresences } from "./presence.ts";

const insideAnswer = namedObject("PersonInside", {
  library: z.string(),
  id: z.string(),
  name: z.string().nullable(),
  pinyin: z.string().nullable().meta({ description: "The reading of a Chinese name; null for another one." }),
  type: z.enum(personTypes),
  group: z.string().nullable(),
  since: z.iso.datetime(),
  event: z.string().meta({ description: "The passing in: the evidence." }),
  device: z.string().nullable().meta({ description: "The key of its device." }),
  pictures: z
    .array(portraitKind)
    .meta({ description: "Those that the passing has, at `/v1/events/{event}/pictures/{kind}`." }),
  isOverdue: z
    .boolean()
    .meta({ description: "Not seen leaving since yesterday; in a night shift, since the end of its last window." }),
  why: z
    .enum(["exit-silent", "night-shift", "visitor"])
    .nullable()
    .meta({ description: "Of a person who is overdue: why that may be." }),
  host: z.string().nullable().meta({ description: "Whom a visitor visits, as the approval of the visit says." }),
  validUntil: z.iso.datetime().nullable().meta({ description: "When the visit of a visitor ends." }),
  flags: z.array(z.string()).meta({ description: "`clock`: the box sent a time that cannot be right." }),
});

const halfHours = z.array(z.int());

const departureAnswer = namedObject("Departure", {
  id: z.string(),
  site: z.string(),
  library: z.string(),
  leftAt: z.iso.datetime(),
  reason: z.string(),
  at: z.iso.datetime(),
  by: actorSchema,
});

const presenceAnswer = namedObject("Presence", {
  site: z.string(),
  at: z.iso.datetime(),
  inside: z.int(),
  byKind: z.partialRecord(z.enum(personTypes), z.int()),
  strangers: z
    .object({ in: z.int(), out: z.int() })
    .meta({ description: "Of the day. If more went in than out, about so many may be inside." }),
  leftWithoutIn: z
    .int()
    .meta({ description: "People whose last way out of the day has no way in within the 24 hours before." }),
  today: halfHours.meta({
    description: "How many were inside at the end of each half-hour of the day; the last: at `at`.",
  }),
  before: halfHours.meta({ description: "The same of the whole day a week before." }),
  people: z.array(insideAnswer),
  corrections: z
    .array(departureAnswer.extend({ person: z.string(), name: z.string().nullable() }))
    .meta({ description: "People who have left, as others have said in the 24 hours before, the newest first." }),
  counted: z
    .object({ in: z.array(z.string()), out: z.array(z.string()), none: z.array(z.string()) })
    .meta({ description: "The keys of the devices of the site, by their directions." }),
  next: nextPage,
});

const getPresence = route({
  method: "GET",
  path: "/v1/presence",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "Count who is inside a site",
    detail:
      "The last passing with a direction decides: in or out. The time of a passing is its own, or its first receipt if that is " +
      "earlier. Directions, the zone and libraries are as they are set now. No person is out by time alone: one who went in before " +
      "today is inside and overdue.",
    answer: { status: 200, is: "The people, and their number.", schema: presenceAnswer },
    example: { query: { site: "default", at: "2026-11-05T13:00:00+08:00" } },
  },
  asks: {
    query: z.object({
      site: siteText.meta({ description: "The site; `default`: boxes without a site." }),
      at: countedMoment("The moment; now if it is left out.").exactOptional(),
      order: z.enum(["since", "name"]).default("since"),
      ...paging,
    }),
  },
  async answer({ query: { site, at: asked, order, ...page } }, deps) {
    await requireBoxes(deps);
    const { reader } = deps.boxes;
    const [presences, places] = await Promise.all([
      readPresences(site, asked, deps),
      reader.names().then((names) => reader.places(names)),
    ]);
    const [presence, before] = presences;
    const { at, inside } = presence;
    const devices = places.flatMap((box) => box.devices);
    const isExitSilent = devices.some((one) => one.counts && hasDirection(one, "out") && one.state === "silent");
    const keysOf = (isMeant: (one: (typeof devices)[number]) => boolean) =>
      devices.filter(isMeant).map(({ key }) => key);
    const people = inOrder(inside, order);
    const { items, next } = await readPage(
      "presence",
      { site, order, ...page },
      async (_, request) => pageOf(people, request, nameOf),
      deps,
    );
    const visits = await visitsOf(
      items.map(({ person: { facts, library } }) => ({ id: facts.id, type: facts.type, library })),
      deps,
    );
    return Response.json({
      site,
      at: instant(at),
      inside: inside.length,
      byKind: kindsOf(presence),
      strangers: presence.strangers,
      leftWithoutIn: presence.leftWithoutIn,
      today: presence.today,
      before: before.today,
      people: items.map((one, n) => shownInside(one, { isExitSilent, ...visits[n] })),
      corrections: await shownCorrections(presence, at, deps),
      counted: {
        in: keysOf((one) => one.counts && hasDirection(one, "in")),
        out: keysOf((one) => one.counts && hasDirection(one, "out")),
        none: keysOf((one) => !one.counts || !(hasDirection(one, "in") || hasDirection(one, "out"))),
      },
      next,
    });
  },
});

const addDeparture = route({
  method: "POST",
  path: "/v1/presence/corrections",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Say that a person has left a site",
    detail: "It is a way out at `leftAt`, and counts until the person is seen going in later.",
    answer: { status: 201, is: "The correction.", schema: departureAnswer },
    others: { 409: "The person is not inside (`not-inside`), or went in later (`seen-later`)." },
    example: {
      headers: exampleRepeatable,
      body: {
        site: "default",
        library: "gate-1",
        id: "666666",
        leftAt: "2026-11-05T12:00:00+08:00",
        reason: "Was seen leaving by the side door",
      },
    },
  },
  asks: {
    body: z.strictObject({
      site: siteText,
      library: siteText.meta({ description: "A box, or `~SITE` if the site shares its people." }),
      id: personText,
      leftAt: countedMoment("When the person left."),
      reason: writtenText(3, 200),
    }),
  },
  audits: {
    action: "presence-corrected",
    about: ({ body: { site, library, id } }, hidden) => ({
      site: masked(site),
      library: masked(library),
      person: hidden(id),
    }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ correction: id })),
  },
  async answer({ body: { site, library, id, leftAt, reason }, caller, headers }, deps) {
    const ofSite = await portsAtSite(site, deps);
    const asked = JSON.stringify([site, library, id, leftAt, reason]);
    const { id: made, mayBeRepeat } = actOf("left_", [asked], { caller, headers });
    const earlier = mayBeRepeat ? await deps.departures.get(made) : null;
    if (earlier !== null) return Response.json(await shownDeparture(earlier, deps), { status: 201 });
    if (leftAt > deps.clock()) throw new GatepostError("bad-request", "leftAt: must not be in the future");
    const key = comparable(id);
    const { inside } = await readPresence(site, deps.clock(), ofSite);
    const found = inside.find(({ person }) => person.library === library && person.facts.key === key);
    if (found === undefined) {
      throw new GatepostError("conflict", "the person is not counted inside this site", { code: "not-inside" });
    }
    if (found.since > leftAt) {
      const seen = instant(found.since);
      throw new GatepostError("conflict", `the person went in later, at ${seen}`, { code: "seen-later" });
    }
    const madeAt = deps.clock();
    const departure = { site, library, boxes: found.person.boxes, key, leftAt, reason, by: caller.id, madeAt };
    return Response.json(await shownDeparture(await deps.departures.add(departure, made), deps), { status: 201 });
  },
});

const removeDeparture = route({
  method: "DELETE",
  path: "/v1/presence/corrections/:id",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Take back that a person has left",
    answer: { status: 204, is: "It is taken back." },
    example: { path: { id: exampleIds.departure } },
  },
  asks: { path: z.object({ id: z.string().max(64).meta({ description: "`left_…`" }) }) },
  audits: {
    action: "presence-corrected",
    about: ({ path: { id } }) => ({
      correction: /^left_[0-9a-f]{1,40}$/.test(id) ? id : "no correction",
      removed: true,
    }),
  },
  async answer({ path: { id } }, deps) {
    const held = await deps.departures.get(id);
    if (held === null || !(await seesLibrary(held.library, deps)) || !(await deps.departures.remove(id))) {
      throw new GatepostError("not-found", "there is no such correction");
    }
    return new Response(null, { status: 204 });
  },
});

export const presenceRoutes = [getPresence, addDeparture, removeDeparture];

type InsidePerson = Inside<CountedPerson>;

function inOrder(inside: readonly InsidePerson[], order: "since" | "name"): readonly InsidePerson[] {
  if (order === "since") return inside;
  const called = ({ person: { facts } }: InsidePerson) => facts.name ?? facts.id;
  return inside.toSorted((a, b) => nameOrder.compare(called(a), called(b)) || (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf({ person: { library, facts } }: InsidePerson): string {
  return personKeyIn(library, facts.key);
}

function kindsOf({ inside }: SitePresence<CountedPerson>): Record<string, number> {
  const kinds = Map.groupBy(inside, ({ person }) => person.facts.type);
  return Object.fromEntries([...kinds].map(([kind, people]) => [kind, people.length]));
}

/** The readings of names. The people of a count are shown to each page that asks. */
const readings = new WeakMap<PersonFacts, string | null>();

function readingOf(facts: PersonFacts): string | null {
  if (facts.name === null) return null;
  const reading = readings.get(facts) ?? pinyinOf(facts.name);
  readings.set(facts, reading);
  return reading;
}

function shownInside(
  { person, since, passing, isOverdue }: InsidePerson,
  { isExitSilent, endsAt = null, host = null }: { isExitSilent: boolean } & Partial<VisitFacts>,
) {
  const { id, name, type, group } = person.facts;
  const others = () => (person.nightEnd(since) !== null ? "night-shift" : type === "visitor" ? "visitor" : null);
  const why = !isOverdue ? null : isExitSilent ? "exit-silent" : others();
  return {
    library: person.library,
    id,
    name,
    pinyin: readingOf(person.facts),
    type,
    group,
    since: instant(since),
    event: passing.event,
    device: passing.device,
    pictures: passing.pictures,
    isOverdue,
    why,
    host,
    validUntil: instantOrNull(endsAt),
    flags: passing.isClockWrong ? ["clock"] : [],
  };
}

/** Corrections of one answer, at most. */
const maxCorrections = 100;

async function shownCorrections({ departed }: Awaited<ReturnType<typeof readPresence>>, at: number, deps: ApiPorts) {
  const shown = departed
    .filter(({ departure: { madeAt } }) => madeAt > at - dayMs && madeAt <= at)
    .toSorted((a, b) => b.departure.madeAt - a.departure.madeAt)
    .slice(0, maxCorrections)
    .map(async ({ person: { facts }, departure }) => {
      return { ...(await shownDeparture(departure, deps)), person: facts.id, name: facts.name };
    });
  return Promise.all(shown);
}

async function shownDeparture(
  { key: _, boxes: __, by, leftAt, madeAt, ...departure }: Awaited<ReturnType<ApiPorts["departures"]["add"]>>,
  deps: ApiPorts,
) {
  return { ...departure, leftAt: instant(leftAt), at: instant(madeAt), by: await actingName(by, deps) };
}
