import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { exampleDelivery } from "../openapi/examples.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports/api-ports.ts";
import type { Deliveries } from "../ports/deliveries.ts";
import { admins, route } from "../route.ts";
import { numberPath, ruleParameter } from "./delivery-parameters.ts";

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
    query: z.object({ rule: ruleParameter, ...paging }),
    body: noBody,
  },
  async answer({ query }, deps) {
    const deliveries = deliveriesOf(deps);
    const { items, next } = await readPage(
      "deliveries",
      query,
      (filter, page) => deliveries.list(filter.rule ?? null, page),
      deps,
    );
    return Response.json({ deliveries: items, next });
  },
});

const sendDelivery = route({
  method: "POST",
  path: "/v1/deliveries/:id/send",
  scopes: admins,
  about: {
    summary: "Deliver once more, at once",
    detail: "For what waits or was given up. It comes in its turn where others of its rule are before it.",
    answer: {
      status: 200,
      is: "It is due.",
      schema: z.object({ id: z.string() }),
      example: { id: exampleDelivery.id },
    },
    others: { 409: "It was delivered, or its rule is not in rules.json." },
    example: { path: { id: exampleDelivery.id } },
  },
  asks: {
    path: numberPath,
    query: z.object({}),
    body: noBody,
  },
  audits: { action: "dead-letters-sent", about: ({ path: { id } }) => ({ letter: id }) },
  async answer({ path: { id } }, deps) {
    const outcome = await deliveriesOf(deps).send(id);
    if (outcome === "unknown") throw new GatepostError("not-found", "there is no such delivery");
    if (outcome === "delivered") throw new GatepostError("conflict", "it was delivered already");
    if (outcome === "refused") throw new GatepostError("conflict", "its rule is not in rules.json, or cannot be used");
    return Response.json({ id });
  },
});

export const deliveryRoutes = [listDeliveries, sendDelivery];

function deliveriesOf({ deliveries }: ApiPorts): Deliveries {
  if (deliveries !== null) return deliveries;
  throw new GatepostError("not-found", "on AWS, they are in the SQS queue of each rule");
}
