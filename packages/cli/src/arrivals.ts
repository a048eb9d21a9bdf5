import * as z from "zod";
import type { Api } from "./client.ts";

const arrivalsSchema = z.object({
  arrivals: z.array(
    z.object({
      at: z.string(),
      path: z.string(),
      bytes: z.number().nullable(),
      from: z.string().nullable(),
      outcome: z.string(),
      event: z.string().optional(),
      kind: z.string().optional(),
      quarantine: z.string().optional(),
      reason: z.string().optional(),
      status: z.number().optional(),
    }),
  ),
  wrongKeys: z.array(z.object({ at: z.string(), from: z.string(), path: z.string() })).nullable(),
  refusedConnections: z
    .array(z.object({ reason: z.string(), from: z.string(), count: z.number(), last: z.string() }))
    .nullable()
    .default(null),
});

export type Arrivals = z.output<typeof arrivalsSchema>;

/** What a box sent last, and the last requests with a wrong key, which are not known on AWS. */
export function arrivalsOf(box: string, api: Api): Promise<Arrivals> {
  return api.ask("GET /v1/boxes/{id}/arrivals", { path: { id: box }, answer: arrivalsSchema });
}
