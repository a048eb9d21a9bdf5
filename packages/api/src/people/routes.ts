import { GatepostError } from "@gatepost/core/errors";
import { boxText, moment, personText } from "@gatepost/core/events";
import { type OneOrMore, type PageRequest, several, valuesOf } from "@gatepost/core/lists";
import { instantOrNull, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { requirePeople } from "../access/people-on.ts";
import { administratorsAlone, managersOfPeople } from "../access/who.ts";
import { requireRoom, storeErasure } from "../erasure/asked.ts";
import { receipt } from "../erasure/erase.ts";
import { peopleOf } from "../erasure/of-person.ts";
import { besideEvents, recordsToTake, shownRecord } from "../erasure/person-records.ts";
import { doNow } from "../jobs/do-now.ts";
import type { StoredEraseRequest } from "../jobs/job.ts";
import { ofSite } from "../names.ts";
import { namedObject } from "../openapi/named.ts";
import { nextPage, pageOf, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { peopleGroups } from "./groups.ts";
import { inOrder, type ListedPerson, matching, orders, type PeopleFilter } from "./listing.ts";
import { listedPerson, rowsOf } from "./rows.ts";

const storedErasure = z.object({ job: z.string() });

const erasePerson = route({
  method: "DELETE",
  path: "/v1/people",
  who: administratorsAlone,
  about: {
    summary: "Erase a person permanently",
    detail:
      "All events of a known person, with their records in quarantine, and their pictures except those that another event shows. A " +
      "report in quarantine of which no event could be made is not reached. A stranger's id is no person, unless a user had the " +
      "stranger registered under it. A job does it, which continues if the server ends; until it has ended, the same caller's same " +
      "request continues it.",
    answer: {
      status: 200,
      is: "The number of erased events, the other records, and the job, whose result is the receipt.",
      schema: z.object({ erased: z.int(), ...besideEvents, job: z.string() }),
    },
    others: { 409: "The job failed or was stopped: ask again. What it has erased is gone." },
    example: { query: { id: "666666", box: "gate-1" } },
  },
  asks: {
    query: z.object({
      id: personText,
      box: boxText.meta({ description: "The box whose events of the person are erased." }).exactOptional(),
      all: z.literal("1", "must be 1").meta({ description: "`1`: at every box." }).exactOptional(),
    }),
  },
  dear: true,
  audits: {
    action: "person-erased",
    about: ({ query: { id, box } }, hidden) => ({ person: hidden(id), box }),
    tells: storedErasure,
  },
  async refuses({ query, caller }, deps) {
    if ((query.box === undefined) === (query.all === undefined)) {
      throw new GatepostError("bad-request", "give the box whose events of the person go, or all=1 for every box");
    }
    await requireRoom(erasureOf(query), caller, deps);
  },
  async answer({ query, caller }, deps) {
    return Response.json({ job: await storeErasure(erasureOf(query), caller, deps) });
  },
  async after(stored, deps) {
    const { job } = storedErasure.parse(await stored.json());
    const { erased, records, keptOutUntil } = receipt.parse((await doNow(job, deps)).result);
    return Response.json({ erased: erased.events, records, keptOutUntil, job });
  },
});

function erasureOf({ id: person, box }: { id: string; box?: string }): StoredEraseRequest {
  return { kind: "erase", person, ...(box === undefined ? { all: true } : { boxes: [box] }) };
}

const person = namedObject("FoundPerson", {
  box: z.string(),
  id: z.string(),
  names: z.array(z.string()),
  type: z.enum(personTypes),
  events: z.int(),
  pictures: z.int(),
  quarantine: z.int(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
  latest: z.string(),
});

const preview = namedObject("FoundPeople", {
  people: z.array(person),
  isExact: z
    .boolean()
    .meta({ description: "False if there are over 20,000 events or actions, or 500 records: no more are shown." }),
  suppressedSince: z.iso.datetime().nullable(),
  records: z
    .array(
      shownRecord.extend({
        boxes: z.array(z.string()).meta({ description: "An erasure at one of these boxes takes it." }),
      }),
    )
    .meta({ description: "The records beside events that name the person." }),
});

const peoplePage = namedObject("ListedPeople", { people: z.array(listedPerson), total: z.int(), next: nextPage });

const listPeople = route({
  method: "GET",
  path: "/v1/people",
  who: managersOfPeople,
  about: {
    summary: "List known people, or show the data of a person, before erasing",
    detail:
      "A person is an id at a library: a box, or a site that shares its people. `q` is in the name, the id, or the reading of a " +
      "Chinese name, by syllables or by initials. A page may have fewer people than `limit`, and still a `next`. With `id`, alone and " +
      "for administrators: the data of this id by box, and `suppressedSince`, the last erasure of the id at any box that has a key or " +
      "events of it. A stranger's id is no person, unless a user had the stranger registered under it.",
    answer: { status: 200, is: "The people, or what there is of an id.", schema: z.union([peoplePage, preview]) },
    example: { query: { q: "xm" } },
  },
  asks: {
    query: z.object({
      id: personText.meta({ description: "The id of one person, as the box sent it: shows its data." }).exactOptional(),
      q: z.string().min(1).max(256).meta({ description: "A part of a name, an id or a reading." }).exactOptional(),
      kind: several(z.enum(personTypes)).exactOptional(),
      group: z.string().min(1).max(256).exactOptional(),
      seenAfter: moment.meta({ description: "Last seen at this time or later." }).exactOptional(),
      seenBefore: moment.meta({ description: "Last seen before." }).exactOptional(),
      scoreBelow: z
        .string()
        .regex(/^\d{1,3}$/, "must be a whole number from 0 to 100")
        .transform(Number)
        .meta({ description: "With a match below, in percent.", type: "integer", pattern: undefined })
        .exactOptional(),
      order: z
        .enum(orders)
        .default("seen")
        .meta({ description: "The latest, the first name, or the worst match first." }),
      ...ofSite,
      ...paging,
    }),
  },
  async answer({ query: { id, ...query }, caller }, deps) {
    if (id === undefined) {
      await requirePeople(deps);
      return Response.json(await pageOfPeople(query, deps));
    }
    if (!caller.isAdministrator) {
      throw new GatepostError("forbidden", "your role does not include this; it takes the role administrator", {
        code: "role",
      });
    }
    const { people, isExact } = await peopleOf(id, deps);
    const keys = await deps.keyAdmin.list();
    const boxes = new Set([null, ...keys.map(({ box }) => box), ...people.map(({ box }) => box)]);
    const since = await deps.jobs.erasures.suppressedSince(id, [...boxes]);
    const { records, areAll } = await recordsToTake(id, deps);
    return Response.json({ people, isExact: isExact && areAll, suppressedSince: instantOrNull(since), records });
  },
});

interface PeopleQuery extends PeopleFilter {
  kind?: OneOrMore<(typeof personTypes)[number]>;
  order: (typeof orders)[number];
  site?: string;
  limit: number;
  cursor?: string;
}

async function pageOfPeople({ order, ...query }: PeopleQuery, deps: ApiPorts): Promise<z.input<typeof peoplePage>> {
  const { limit: _, cursor: __, site: ___, kind, ...filter } = query;
  const matched = await matching({ ...filter, kinds: valuesOf(kind) }, deps);
  const { seenAfter = Number.NEGATIVE_INFINITY, seenBefore = Number.POSITIVE_INFINITY } = filter;
  const isSeen = ({ last }: z.input<typeof listedPerson>) =>
    Date.parse(last.at) >= seenAfter && Date.parse(last.at) < seenBefore;
  const { items: people, next } = await readPage(
    "people",
    { order, ...query },
    async (_filter, { limit, cursor }) => {
      const some: ListedPerson[] = [];
      let last: string | null = null;
      let isEnd = true;
      for await (const { listed, place } of inOrder(matched, { order, after: cursor }, deps)) {
        isEnd = some.length < limit;
        if (!isEnd) break;
        some.push(listed);
        last = place;
      }
      return { items: (await rowsOf(some, deps)).filter(isSeen), next: isEnd ? null : last };
    },
    deps,
  );
  return { people, total: matched.length, next };
}

const listGroups = route({
  method: "GET",
  path: "/v1/groups",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "List the permission groups of known people",
    detail:
      "A group is as boxes name it with a person who passes. Boxes do not report groups without people, nor how many " +
      "people a group may have.",
    answer: {
      status: 200,
      is: "The groups, by name.",
      schema: z.object({
        groups: z.array(z.object({ name: z.string(), people: z.int(), boxes: z.array(z.string()) })),
        next: nextPage,
      }),
    },
    example: {},
  },
  asks: { query: z.object({ ...ofSite, ...paging }) },
  async answer({ query }, deps) {
    const read = async (_: object, page: PageRequest) => pageOf(await peopleGroups(deps), page, ({ name }) => name);
    const { items: groups, next } = await readPage("groups", query, read, deps);
    return Response.json({ groups, next });
  },
});

export const peopleRoutes = [listPeople, listGroups, erasePerson];
