import type { Key } from "@gatepost/core/keys";
import type { Removal } from "@gatepost/core/removals";
import { GatepostError, masked } from "@gatepost/ingest";
import * as z from "zod";
import { boxesSeen } from "../access/boxes-seen.ts";
import { noBody } from "../body.ts";
import { exampleRemoval } from "../openapi/examples.ts";
import { readers, route } from "../route.ts";

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
  scopes: readers,
  about: {
    summary: "List erased persons who are still to be removed from boxes",
    detail:
      "For a bridge, with a read key that is limited to its boxes, or an admin key: the oldest first, 500 at most. Who erases " +
      "a person asks for it (`fromBoxes` of the job).",
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
  async answer({ caller: { key } }, deps) {
    requireBoxes(key);
    const removals = await deps.jobs.removals.waiting(boxesSeen(key));
    return Response.json({ removals: removals.map(shown) });
  },
});

const endRemoval = route({
  method: "POST",
  path: "/v1/removals/:id",
  scopes: readers,
  about: {
    summary: "Say what became of a removal",
    detail: "For a bridge. The id of the person is forgotten; the receipt of the erasure tells how it ended.",
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
  async answer({ path: { id }, body: { state, note }, caller: { key } }, deps) {
    requireBoxes(key);
    const { removals } = deps.jobs;
    const boxes = boxesSeen(key);
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
function requireBoxes(key: Key): void {
  if (key.scope === "admin" || boxesSeen(key) !== null) return;
  throw new GatepostError(
    "forbidden",
    "a read key of every box sees no removals; use one limited to the boxes, or an admin key",
  );
}

function shown({ at, ...removal }: Removal) {
  return { ...removal, at: new Date(at).toISOString() };
}
