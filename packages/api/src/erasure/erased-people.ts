import type { AuditRecord } from "@gatepost/core/audit";
import { actorSchema } from "@gatepost/protocol";
import * as z from "zod";
import { actingAs, actorsOf } from "../access/actors.ts";
import { managersOfPeople } from "../access/who.ts";
import { namedObject } from "../openapi/named.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const erasedPerson = namedObject("ErasedPerson", {
  id: z.string().meta({ description: "The id of the entry in the audit log." }),
  at: z.iso.datetime(),
  by: actorSchema,
  boxes: z.array(z.string()).nullable().meta({
    description: "The boxes at which the person was erased, of those that the caller sees; null for every box.",
  }),
  job: z.string().nullable().meta({ description: "The job that erases them, whose result is the receipt." }),
  events: z.int().nullable().meta({
    description:
      "How many events were erased; null until the job has ended, 30 days later, and if the caller does not see all its boxes.",
  }),
});

/** The entry of the audit log that an erasure leaves, without its person, whose id is not kept. */
const listErased = route({
  method: "GET",
  path: "/v1/people/erased",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "List when people were erased, newest first",
    detail:
      "It has no names and no ids of people: nothing of an erased person is kept. The entries are of the audit log, which keeps " +
      "them for three years. A page may have fewer entries than `limit`, and still a `next`.",
    answer: { status: 200, is: "One page.", schema: z.object({ erased: z.array(erasedPerson), next: nextPage }) },
  },
  asks: { query: z.object({ ...paging }) },
  async answer({ query, caller }, deps) {
    const { items, next } = await readPage(
      "erased people",
      query,
      async (_, page) => {
        const found = await deps.auditReader.list({ actions: ["person-erased"], outcomes: ["done"] }, page);
        return { items: await shown(found.items, caller.boxes === null, deps), next: found.next };
      },
      deps,
    );
    return Response.json({ erased: items, next });
  },
});

export const erasedPeopleRoutes = [listErased];

/** The entries about boxes that the caller sees. An erasure at every box is shown to a caller who sees all of them. */
async function shown(
  entries: readonly AuditRecord[],
  seesAll: boolean,
  deps: ApiPorts,
): Promise<z.input<typeof erasedPerson>[]> {
  const ids = entries.map(({ by }) => by);
  const [actorOf, names] = await Promise.all([actorsOf(ids, deps), deps.boxes.reader.names()]);
  const seen = new Set(names);
  const ofCaller = entries.flatMap(({ id, at, by, about }) => {
    const erasedBoxes = boxesOf(about);
    const boxes = erasedBoxes?.filter((box) => seen.has(box)) ?? null;
    if (boxes === null ? !seesAll : boxes.length === 0) return [];
    const job = typeof about["job"] === "string" ? about["job"] : null;
    // An entry names ten boxes at most. The events are of all.
    const seesEach = seesAll || boxes?.length === (about["boxCount"] ?? erasedBoxes?.length);
    return [{ erased: { id, at, by: actingAs(actorOf(by)), boxes, job }, countedIn: seesEach ? job : null }];
  });
  return Promise.all(
    ofCaller.map(async ({ erased, countedIn }) => ({ ...erased, events: await eventsErased(countedIn, deps) })),
  );
}

/** How many events a job has erased; null if it has not ended, or is not kept any more. */
async function eventsErased(id: string | null, { jobs }: Pick<ApiPorts, "jobs">): Promise<number | null> {
  const job = id === null ? null : await jobs.store.get(id);
  return job?.state === "done" ? job.done : null;
}

/** The boxes of an erasure; null if it is of every box. */
function boxesOf({ box, boxes }: AuditRecord["about"]): string[] | null {
  if (Array.isArray(boxes)) return boxes;
  return typeof box === "string" ? [box] : null;
}
