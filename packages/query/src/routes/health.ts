import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { openRoute } from "../route.ts";

const health = openRoute({
  method: "GET",
  path: "/healthz",
  about: {
    summary: "See whether reports can be stored",
    answer: {
      status: 200,
      is: "They can. `degraded`: something else needs a person.",
      schema: z.union([
        z.object({ status: z.literal("ok") }),
        z.object({ status: z.literal("degraded"), reasons: z.array(z.string()) }),
      ]),
      example: { status: "ok" },
    },
    others: { 503: "Nothing can be stored at the moment; `detail` says why." },
  },
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  async answer(_, deps) {
    const reason = await deps.health.reason();
    if (reason !== null) throw new GatepostError("unavailable", reason, { retryAfter: 5 });
    const reasons = deps.health.concerns();
    return Response.json(reasons.length === 0 ? { status: "ok" } : { status: "degraded", reasons });
  },
});

export const healthRoutes = [health];
