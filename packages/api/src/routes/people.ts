import { GatepostError } from "@gatepost/core/errors";
import { boxText, personText } from "@gatepost/core/events";
import { masked } from "@gatepost/core/masking";
import type { Removal } from "@gatepost/core/removals";
import { instantOrNull, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { administrators, administratorsAlone } from "../access/who.ts";
import { noBody } from "../body.ts";
import { dropExports } from "../jobs/drop-exports.ts";
import { peopleOf } from "../jobs/people.ts";
import { eraseRegistered } from "../jobs/registered.ts";
import { examplePerson, exampleRemoval } from "../openapi/examples.ts";
import { route } from "../route.ts";

const erasePerson = route({
  method: "DELETE",
  path: "/v1/people",
  who: administratorsAlone,
  about: {
    summary: "Erase a person for good",
    detail:
      "All events of a known person, with their records in quarantine, and their pictures except those that another event " +
      "shows; also the id in boxes' results of commands and status reports. A report in quarantine of " +
      "which no event could be made is not reached. A stranger's id is no person and erases no event, unless a user had the " +
      "stranger registered under it.",
    answer: {
      status: 200,
      is: "The number of erased events.",
      schema: z.object({ erased: z.int() }),
      example: { erased: 1 },
    },
    example: { query: { id: "666666", box: "gate-1" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      id: personText.meta({ description: "The person's id, as the box sent it." }),
      box: boxText.meta({ description: "The box whose events of the person are erased." }).exactOptional(),
      all: z.literal("1", "must be 1").meta({ description: "`1`: at every box." }).exactOptional(),
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
  who: administratorsAlone,
  about: {
    summary: "Show the data of a person, before erasing",
    detail:
      "By box: the numbers of events, pictures and records of quarantine. `suppressedSince`: the last erasure of the id, at any " +
      "box that has a key or events of it. A stranger's id is no person, unless a user had the stranger registered under it: " +
      "then the passing counts, and boxes of the order are listed without events.",
    answer: {
      status: 200,
      is: "What there is.",
      schema: z.object({
        people: z.array(person),
        isExact: z
          .boolean()
          .meta({ description: "False if there are over 20,000 events or actions: no more are looked at." }),
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

const removalAnswer = z.object({
  id: z.string(),
  box: z.string(),
  person: z.string().nullable().meta({ description: "The id on the box; null once it has ended." }),
  state: z.enum(["waiting", "done", "failed"]),
  reason: z.string().nullable(),
  at: z.iso.datetime(),
});

const listRemovals = route({
  method: "GET",
  path: "/v1/removals",
  who: administrators,
  about: {
    summary: "List erased persons who are still to be removed from boxes",
    detail:
      "For a bridge, with a read key that is limited to its boxes, or an admin key: the oldest first, 500 at most. The erasing " +
      "job asks for them with `fromBoxes`.",
    answer: {
      status: 200,
      is: "What waits.",
      schema: z.object({ removals: z.array(removalAnswer) }),
      example: { removals: [exampleRemoval] },
    },
  },
  asks: {
    path: z.object({}),
    query: z.object({}),
    body: noBody,
  },
  async answer({ caller }, deps) {
    requireBoxes(caller);
    const removals = await deps.jobs.removals.waiting(caller.boxes);
    return Response.json({ removals: removals.map(shown) });
  },
});

const endRemoval = route({
  method: "POST",
  path: "/v1/removals/:id",
  who: administrators,
  about: {
    summary: "Report the result of a removal",
    detail: "For a bridge. The id of the person is then deleted; the receipt of the erasure contains the result.",
    answer: {
      status: 200,
      is: "The removal as it now is.",
      schema: removalAnswer,
      example: { ...exampleRemoval, person: null, state: "done" },
    },
    example: { path: { id: exampleRemoval.id }, body: { state: "done" } },
  },
  asks: {
    path: z.object({ id: z.string().meta({ description: "`rem_…`" }) }),
    query: z.object({}),
    body: z.strictObject({
      state: z.enum(["done", "failed"]),
      note: z.string().max(200, "may have 200 characters").transform(masked).nullable().default(null),
    }),
  },
  async answer({ path: { id }, body: { state, note }, caller }, deps) {
    requireBoxes(caller);
    const { removals } = deps.jobs;
    const { boxes } = caller;
    const held = await removals.get(id);
    const isSeen = held !== null && (boxes === null || boxes.includes(held.box));
    if (!isSeen || !(await removals.end(id, { state, reason: note }))) {
      throw new GatepostError("not-found", "there is no such removal, or it is older than 30 days");
    }
    deps.log.info("removal ended", { id, state });
    const ended = (await removals.get(id)) ?? { ...held, person: null, state, reason: note };
    return Response.json(shown(ended));
  },
});

export const removalRoutes = [listRemovals, endRemoval];

/** Throws 403: not every reader may see who was erased. */
function requireBoxes({ isAdministrator, boxes }: Caller): void {
  if (isAdministrator || boxes !== null) return;
  throw new GatepostError(
    "forbidden",
    "a read key of every box sees no removals; use one limited to the boxes, or an admin key",
  );
}

function shown({ at, ...removal }: Removal) {
  return { ...removal, at: new Date(at).toISOString() };
}
