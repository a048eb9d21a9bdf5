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
      is: "They can.",
      schema: z.object({ status: z.literal("ok") }),
      example: { status: "ok" },
    },
    others: { 503: "Nothing can be stored at the moment; `detail` says why." },
  },
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  async answer(_, deps) {
    const reason = await deps.health.reason();
    if (reason !== null) throw new GatepostError("unavailable", reason, { retryAfter: 5 });
    return Response.json({ status: "ok" });
  },
});

export const healthRoutes = [health];
