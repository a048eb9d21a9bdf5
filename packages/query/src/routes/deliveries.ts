import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { exampleDelivery } from "../openapi/examples.ts";
import { nextPage, paging, readPage } from "../page.ts";
import { admins, route } from "../route.ts";

const delivery = z.object({
  id: z.string(),
  rule: z.string(),
  entry: z.string(),
  detailType: z.string(),
  event: z.string().nullable().meta({ description: "Null where the entry is about a box." }),
  tries: z.int(),
  lastAnswer: z.string().nullable().meta({ description: "Why the last try failed; null before the first." }),
  aside: z.boolean().meta({ description: "Whether its target refused it, so that the next ones pass it." }),
  since: z.iso.datetime(),
  nextTry: z.iso.datetime().nullable().meta({ description: "Null while it waits for those before it." }),
});

const listDeliveries = route({
  method: "GET",
  path: "/v1/deliveries",
  scopes: admins,
  about: {
    summary: "List what waits to be delivered to subscribers, rule by rule in the order of delivery",
    detail: "What stepped aside, because its target refused it, comes behind the rest of its rule. On one machine.",
    answer: {
      status: 200,
      is: "One page.",
      schema: z.object({ deliveries: z.array(delivery), next: nextPage }),
      example: { deliveries: [exampleDelivery], next: null },
    },
    others: { 404: "On AWS they are in the SQS queue of each rule." },
    example: { query: { rule: exampleDelivery.rule } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      rule: z.string().min(1).max(64).meta({ description: "Of one rule." }).exactOptional(),
      ...paging,
    }),
    body: noBody,
  },
  async answer({ query }, deps) {
    const { deliveries } = deps;
    if (deliveries === null) throw new GatepostError("not-found", "on AWS, they are in the SQS queue of each rule");
    const { items, next } = await readPage(
      "deliveries",
      query,
      (filter, page) => deliveries.list(filter.rule ?? null, page),
      deps,
    );
    return Response.json({ deliveries: items, next });
  },
});

export const deliveryRoutes = [listDeliveries];
