import { GatepostError } from "@gatepost/core/errors";
import { masked } from "@gatepost/core/masking";
import type { Removal } from "@gatepost/core/removals";
import { instant } from "@gatepost/protocol";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { administrators, managersAlone } from "../access/who.ts";
import { exampleIds } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import { boxesOfBridges, correctEnd, isStillMeant, noteEnd } from "../people/visits.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const removalAnswer = namedObject("Removal", {
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
    summary: "List persons whom bridges must remove from boxes",
    detail:
      "For a bridge, with a read key that is limited to its boxes, or an admin key: the oldest first, 500 at most. The erasing " +
      "job asks for them with `fromBoxes`, and a visitor is among them once the visit has ended (`validUntil`).",
    answer: { status: 200, is: "What waits.", schema: z.object({ removals: z.array(removalAnswer) }) },
  },
  async answer({ caller }, deps) {
    requireBoxes(caller);
    return Response.json({ removals: (await meant(caller, deps)).map(shown) });
  },
});

const endRemoval = route({
  method: "POST",
  path: "/v1/removals/:id",
  who: administrators,
  about: {
    summary: "Report the result of a removal",
    detail:
      "For a bridge. The id of the person is then deleted; the receipt of the erasure, or the history of the visitor's action, " +
      "contains the result.",
    answer: { status: 200, is: "The removal as it now is.", schema: removalAnswer },
    example: { path: { id: exampleIds.removal }, body: { state: "done" } },
  },
  asks: {
    path: z.object({ id: z.string().meta({ description: "`rem_…`" }) }),
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
    await noteEnd(held, { state, reason: note, by: caller.id }, deps);
    deps.log.info("removal ended", { id, state });
    const ended = (await removals.get(id)) ?? { ...held, person: null, state, reason: note };
    return Response.json(shown(ended));
  },
});

const listBridged = route({
  method: "GET",
  path: "/v1/bridges",
  who: managersAlone,
  about: {
    summary: "List the boxes at which a bridge registers and removes people",
    detail: "Those that the caller sees and for which there is a read key that is limited to the box, or to its site.",
    answer: {
      status: 200,
      is: "Their ids. A visit may end by itself (`validUntil`) at these alone.",
      schema: z.object({ boxes: z.array(z.string()) }),
    },
  },
  async answer(_, deps) {
    return Response.json({ boxes: await boxesOfBridges(await deps.boxes.reader.names(), deps) });
  },
});

export const removalRoutes = [listRemovals, endRemoval, listBridged];

/** The removals that wait. The end of a visit that was called off is taken back. */
async function meant({ boxes }: Caller, deps: ApiPorts): Promise<Removal[]> {
  const found: Removal[] = [];
  for (const removal of await deps.jobs.removals.waiting(boxes, deps.clock())) {
    if (await isStillMeant(removal, deps)) found.push(removal);
    else await correctEnd(removal, deps);
  }
  return found;
}

/** Throws 403: not every reader may see who was erased. */
function requireBoxes({ isAdministrator, boxes }: Caller): void {
  if (isAdministrator || boxes !== null) return;
  throw new GatepostError(
    "forbidden",
    "a read key of every box sees no removals; use one limited to the boxes, or an admin key",
  );
}

function shown({ at, visit: _, ...removal }: Removal) {
  return { ...removal, at: instant(at) };
}
