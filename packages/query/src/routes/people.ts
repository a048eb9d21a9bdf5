import { GatepostError } from "@gatepost/ingest";
import { instantOrNull, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { dropExports } from "../jobs/drop-exports.ts";
import { peopleOf } from "../jobs/people.ts";
import { eraseRegistered } from "../jobs/registered.ts";
import { boxText, personText } from "../listing.ts";
import { examplePerson } from "../openapi/examples.ts";
import { admins, route } from "../route.ts";

const erasePerson = route({
  method: "DELETE",
  path: "/v1/people",
  scopes: admins,
  about: {
    summary: "Erase a person for good",
    detail:
      "All events of a known person, with what quarantine holds of them, and their pictures save those that another event " +
      "shows; and what boxes said of the id in results of commands and reports of their state. A report in quarantine of " +
      "which no event could be made is not reached. A stranger's id is no person and erases no event, unless somebody had the " +
      "stranger registered under it.",
    answer: {
      status: 200,
      is: "How many events there were.",
      schema: z.object({ erased: z.int() }),
      example: { erased: 1 },
    },
    example: { query: { id: "666666", box: "gate-1" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      id: personText.meta({ description: "The person's id, as the box sent it." }),
      box: boxText.meta({ description: "The box whose events of the person go." }).exactOptional(),
      all: z.literal("1", "must be 1").meta({ description: "`1`: those of every box." }).exactOptional(),
    }),
    body: noBody,
  },
  audits: {
    action: "person-erased",
    about: ({ query: { id, box } }, hidden) => ({ person: hidden(id), ...(box === undefined ? {} : { box }) }),
    tells: z.object({ erased: z.int() }),
  },
  async answer({ query: { id, box, all } }, deps) {
    if ((box === undefined) === (all === undefined)) {
      throw new GatepostError("bad-request", "give the box whose events of the person go, or all=1 for every box");
    }
    const boxes = box === undefined ? null : [box];
    const known = await deps.eraser.erasePerson(id, box ?? null);
    const registered = await eraseRegistered({ person: id, boxes }, { limit: Number.POSITIVE_INFINITY }, deps);
    await dropExports({ person: id, boxes }, deps);
    const erased = known + registered.events;
    deps.log.info("person erased", { box: box ?? null, erased });
    return Response.json({ erased });
  },
});

const person = z.object({
  box: z.string(),
  id: z.string(),
  names: z.array(z.string()),
  type: z.enum(personTypes),
  events: z.int(),
  pictures: z.int(),
  quarantine: z.int(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
  latest: z.string().meta({ description: "The id of the latest event." }),
});

const findPerson = route({
  method: "GET",
  path: "/v1/people",
  scopes: admins,
  about: {
    summary: "See what there is of a person, before erasing",
    detail:
      "By box: how many events, pictures and records of quarantine. `suppressedSince`: when the id was erased last, at any " +
      "box that has a key or events of it. A stranger's id is no person, unless somebody had the stranger registered under it: " +
      "then the passing counts, and boxes of the order are listed without events.",
    answer: {
      status: 200,
      is: "What there is.",
      schema: z.object({
        people: z.array(person),
        isExact: z
          .boolean()
          .meta({ description: "False where there are over 20,000 events or actions: so many are looked at." }),
        suppressedSince: z.iso.datetime().nullable(),
      }),
      example: { people: [examplePerson], isExact: true, suppressedSince: null },
    },
    example: { query: { id: "666666" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({ id: personText.meta({ description: "The person's id, as the box sent it." }) }),
    body: noBody,
  },
  async answer({ query: { id } }, deps) {
    const { people, isExact } = await peopleOf(id, deps);
    const keys = await deps.keyAdmin.list();
    const boxes = new Set([null, ...keys.map(({ box }) => box), ...people.map(({ box }) => box)]);
    const since = await deps.jobs.erasures.suppressedSince(id, [...boxes]);
    return Response.json({ people, isExact, suppressedSince: instantOrNull(since) });
  },
});

export const peopleRoutes = [findPerson, erasePerson];
