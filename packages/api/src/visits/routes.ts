import { dayNumber, dayText } from "@gatepost/core/hours";
import type { Passing } from "@gatepost/core/people";
import type { Libraries } from "@gatepost/core/sites";
import { firstPassingOf, type Visit } from "@gatepost/core/visits";
import { comparable, instant, instantOrNull } from "@gatepost/protocol";
import * as z from "zod";
import { requireBoxes } from "../access/ports-for.ts";
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
  came: moment.nullable().meta({ description: "The first passing of the day that is no way out: `event`." }),
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
  about: {
    summary: "List expected visitors",
    detail: "Approved visits with an end.",
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
    await requireBoxes(deps);
    const { zone } = await siteOf(`~${site}`, deps);
    const day = asked === undefined ? zone.dayOf(deps.clock()) : dayNumber(asked);
    const [from, to] = [zone.startOfDay(day), zone.startOfDay(day + 1)];
    const [found, libraries] = await Promise.all([deps.visits.between(from, to), librariesOf(deps)]);
    const visits = found.toSorted((a, b) => beginOf(a) - beginOf(b) || (a.id < b.id ? -1 : 1));
    const { items, next } = await readPage(
      "visits",
      { site, day, ...page },
      async (_, request) => pageOf(visits, request, ({ id }) => id),
      deps,
    );
    const passings = await passingsOf(items, libraries, { from, to, deps });
    const shown = items.map((visit) => shownVisit(visit, libraries, passings));
    return Response.json({ day: dayText(day), visits: shown, next });
  },
});

export const visitRoutes = [listVisits];

const beginOf = ({ begins, madeAt }: Visit) => begins ?? madeAt;

/** The passings of visitors in a range (ms), in the order of time, by `personKeyIn`. */
async function passingsOf(
  visits: readonly Visit[],
  libraries: Libraries,
  { from, to, deps }: { from: number; to: number; deps: ApiPorts },
): Promise<ReadonlyMap<string, readonly Passing[]>> {
  const boxes = await deps.boxes.reader.names();
  const keys = new Set(visits.map(({ person }) => comparable(person)));
  const ranges = keys.size > fewPeople ? ["known" as const] : [...keys].map((key) => ({ key }));
  const read = ranges.map((of) => readPassings({ boxes, from, to, of }, deps));
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

function shownVisit(
  visit: Visit,
  libraries: Libraries,
  passings: ReadonlyMap<string, readonly Passing[]>,
): z.input<typeof expectedVisit> {
  const { action, person, name, host, begins, ends, boxes } = visit;
  const all = [...new Set(boxes.map(libraries.of))]
    .flatMap((library) => passings.get(personKeyIn(library, comparable(person))) ?? [])
    .filter(({ at }) => at >= firstPassingOf(visit))
    .toSorted((a, b) => a.at - b.at);
  const came = all.find(({ at, direction }) => direction !== "out" && at <= ends);
  const last = all.at(-1);
  return {
    action,
    library: libraries.of(came?.box ?? boxes[0] ?? ""),
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
