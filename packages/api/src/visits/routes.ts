import { dayNumber, dayText } from "@gatepost/core/hours";
import type { Passing } from "@gatepost/core/people";
import type { Libraries } from "@gatepost/core/sites";
import { firstPassingOf, hasComeEarly, type Visit } from "@gatepost/core/visits";
import { comparable, dayMs, instant, instantOrNull } from "@gatepost/protocol";
import * as z from "zod";
import { portsAtSite } from "../access/ports-for.ts";
import { managersOfPeople } from "../access/who.ts";
import { date } from "../hours/days-asked.ts";
import { siteText } from "../names.ts";
import { growingWords, namedObject } from "../openapi/named.ts";
import { nextPage, pageOf, paging, readPage } from "../page.ts";
import { siteOf } from "../people/listing.ts";
import { gated, librariesOf, personKeyIn, readPassings } from "../people/passed.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const moment = z.iso.datetime();

const expectedVisit = namedObject("ExpectedVisit", {
  action: z.string(),
  library: z.string(),
  person: z.string(),
  name: z.string().nullable(),
  host: z.string().nullable(),
  validFrom: moment.nullable(),
  validUntil: moment,
  came: moment.nullable().meta({
    description:
      "The first passing of the day that is no way out, or the one by which the visitor is here since before: `event`.",
  }),
  left: moment.nullable(),
  event: z.string().nullable(),
  flags: z.array(growingWords(["before-visit"])),
});

/** People whose passings are read one by one: at their boxes, thousands of others may pass. */
const fewPeople = 16;

const listVisits = route({
  method: "GET",
  path: "/v1/visits",
  who: managersOfPeople,
  isOfPeople: true,
  seesOtherSites: true,
  about: {
    summary: "List expected visitors",
    detail: "Approved visits with an end, and those of later days whose visitor has come on this one.",
    answer: {
      status: 200,
      is: "Visits.",
      schema: z.object({ day: z.iso.date(), visits: z.array(expectedVisit), next: nextPage }),
    },
    example: { query: { site: "default" } },
  },
  asks: {
    query: z.object({
      site: siteText.meta({ description: "The site; `default`: boxes without a site." }),
      day: date.meta({ description: "Today if it is left out." }).exactOptional(),
      ...paging,
    }),
  },
  async answer({ query: { site, day: asked, ...page } }, deps) {
    const siteBoxes = new Set(await (await portsAtSite(site, deps)).boxes.reader.names());
    const { zone } = await siteOf(`~${site}`, deps);
    const day = asked === undefined ? zone.dayOf(deps.clock()) : dayNumber(asked);
    const range = { from: zone.startOfDay(day), to: zone.startOfDay(day + 1) };
    const [all, libraries] = await Promise.all([deps.visits.between(range.from, range.to), librariesOf(deps)]);
    const found = all.filter((visit) => visit.boxes.some((box) => siteBoxes.has(box)));
    const shownOf = async (some: readonly Visit[]) => {
      const passings = await passingsOf(some, libraries, { ...range, deps });
      return some.map((visit) => ({ visit, shown: shownVisit(visit, { libraries, passings, siteBoxes, ...range }) }));
    };
    // Those of later days are of this one if the visitor has come on it.
    const [ofDay, later] = [
      found.filter((one) => beginOf(one) < range.to),
      found.filter((one) => beginOf(one) >= range.to),
    ];
    const early = (await shownOf(later)).flatMap(({ visit, shown }) => (shown.came === null ? [] : visit));
    const visits = [...ofDay, ...early].toSorted((a, b) => beginOf(a) - beginOf(b) || (a.id < b.id ? -1 : 1));
    const { items, next } = await readPage(
      "visits",
      { site, day, ...page },
      async (_, request) => pageOf(visits, request, ({ id }) => id),
      deps,
    );
    return Response.json({ day: dayText(day), visits: (await shownOf(items)).map(({ shown }) => shown), next });
  },
});

export const visitRoutes = [listVisits];

const beginOf = ({ begins, madeAt }: Visit) => begins ?? madeAt;

/** A day, ms. */
interface Day {
  from: number;
  to: number;
}

/** Whether the visit begins on a day, and its visitor came earlier. */
const isBegunEarly = (visit: Visit, { from, to }: Day) =>
  hasComeEarly(visit) && beginOf(visit) >= from && beginOf(visit) < to;

/**
 * The passings of visitors of a day, and, if one has come early for it, of the day before, in the order of time, by
 * `personKeyIn`.
 */
async function passingsOf(
  visits: readonly Visit[],
  libraries: Libraries,
  { deps, ...day }: Day & { deps: ApiPorts },
): Promise<ReadonlyMap<string, readonly Passing[]>> {
  const from = visits.some((visit) => isBegunEarly(visit, day)) ? day.from - dayMs : day.from;
  const among = new Set(visits.flatMap(({ boxes }) => boxes.map(libraries.of)));
  const boxes = [...among].flatMap(libraries.boxesOf);
  const keys = new Set(visits.map(({ person }) => comparable(person)));
  const ranges = keys.size > fewPeople ? ["known" as const] : [...keys].map((key) => ({ key }));
  const read = ranges.map((of) => readPassings({ boxes, from, to: day.to, of }, deps));
  const stored = (await Promise.all(read)).flat().filter(({ person }) => keys.has(person?.key ?? ""));
  const shown = await gated(stored, deps);
  const named = stored.flatMap(({ box, person }, n) => {
    const passing = shown[n];
    return passing === undefined ? [] : { passing, name: personKeyIn(libraries.of(box), person?.key ?? "") };
  });
  const ofPeople = Map.groupBy(
    named.toSorted((a, b) => a.passing.at - b.passing.at),
    ({ name }) => name,
  );
  return new Map([...ofPeople].map(([name, all]) => [name, all.map(({ passing }) => passing)]));
}

/** @param siteBoxes the boxes of the site that is asked for */
function shownVisit(
  visit: Visit,
  {
    libraries,
    passings,
    siteBoxes,
    ...day
  }: Day & {
    libraries: Libraries;
    passings: ReadonlyMap<string, readonly Passing[]>;
    siteBoxes: ReadonlySet<string>;
  },
): z.input<typeof expectedVisit> {
  const { action, person, name, host, begins, ends, boxes } = visit;
  const all = [...new Set(boxes.map(libraries.of))]
    .flatMap((library) => passings.get(personKeyIn(library, comparable(person))) ?? [])
    .filter(({ at }) => at >= firstPassingOf(visit))
    .toSorted((a, b) => a.at - b.at);
  const [before, ofDay] = [all.filter(({ at }) => at < day.from), all.filter(({ at }) => at >= day.from)];
  const since = before.slice(before.findLastIndex(({ direction }) => direction === "out") + 1);
  const came =
    ofDay.find(({ at, direction }) => direction !== "out" && at <= ends) ??
    (isBegunEarly(visit, day) ? since[0] : undefined);
  const last = ofDay.at(-1);
  return {
    action,
    library: libraries.of(came?.box ?? boxes.find((box) => siteBoxes.has(box)) ?? ""),
    person,
    name,
    host,
    validFrom: instantOrNull(begins),
    validUntil: instant(ends),
    came: instantOrNull(came?.at ?? null),
    left: last?.direction === "out" ? instant(last.at) : null,
    event: came?.event ?? null,
    flags: came !== undefined && begins !== null && came.at < begins ? ["before-visit"] : [],
  };
}
