import type { DeadLetters, Deliveries } from "@gatepost/core/deliveries";
import { GatepostError } from "@gatepost/core/errors";
import { ruleText } from "@gatepost/core/events";
import * as z from "zod";
import { administrators, administratorsAlone } from "../access/who.ts";
import { ofSite } from "../names.ts";
import { exampleIds } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

/* What the routes of deliveries and of dead letters are asked with. */

/** The rule whose entries are meant; left out: every rule. */
const ruleParameter = ruleText.exactOptional();

/** Why an entry is not sent again, by the outcome. */
const whyNotSent = {
  closed: "it was delivered, and its entry is not of an event or of an open action",
  off: "the rule is off; switch it on, and ask for it again",
  refused: "its rule is not in rules.json, or cannot be used",
};

const numberPath = z.object({
  id: z.string().regex(/^\d{1,15}$/),
});

const delivery = namedObject("Delivery", {
  id: z.string(),
  rule: z.string(),
  entry: z.string(),
  detailType: z.string(),
  event: z.string().nullable().meta({ description: "Null if the entry is about a box." }),
  tries: z.int(),
  lastAnswer: z.string().nullable().meta({ description: "Why the last try failed; null before the first." }),
  aside: z.boolean().meta({ description: "True if its target refused it, so that later entries pass it." }),
  since: z.iso.datetime(),
  nextTry: z.iso.datetime().nullable().meta({ description: "Null while it waits for earlier entries." }),
});

const listDeliveries = route({
  method: "GET",
  path: "/v1/deliveries",
  who: administratorsAlone,
  about: {
    summary: "List waiting deliveries to subscribers, by rule and in the order of delivery",
    detail:
      "Entries that stepped aside after their target refused them are listed after the rest of their rule. On one machine.",
    answer: { status: 200, is: "One page.", schema: z.object({ deliveries: z.array(delivery), next: nextPage }) },
    others: { 404: "On AWS they are in the SQS queue of each rule." },
    example: { query: { rule: exampleIds.rule } },
  },
  asks: { query: z.object({ rule: ruleParameter, ...paging }) },
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
  who: administratorsAlone,
  about: {
    summary: "Deliver an entry again, at once",
    detail:
      "For waiting entries and dead letters. An entry waits for its turn if others of its rule are before it. A delivered " +
      "entry of an event or of an open action is made again, with its id and `detail.repeat`, and waits behind live entries.",
    answer: { status: 200, is: "It is due.", schema: z.object({ id: z.string() }) },
    others: { 409: "The entry was delivered and cannot be made again, or its rule is off or not in rules.json." },
    example: { path: { id: exampleIds.delivery } },
  },
  asks: { path: numberPath },
  audits: { action: "dead-letters-sent", about: ({ path: { id } }) => ({ letter: id }) },
  async answer({ path: { id } }, deps) {
    const outcome = await deliveriesOf(deps).send(id);
    if (outcome === "unknown") throw new GatepostError("not-found", "there is no such delivery");
    if (outcome !== "sent") throw new GatepostError("conflict", whyNotSent[outcome]);
    return Response.json({ id });
  },
});

export const deliveryRoutes = [listDeliveries, sendDelivery];

function deliveriesOf({ deliveries }: ApiPorts): Deliveries {
  if (deliveries !== null) return deliveries;
  throw new GatepostError("not-found", "on AWS, they are in the SQS queue of each rule");
}

const letterAnswer = namedObject("DeadLetter", {
  id: z.string(),
  rule: z.string().nullable().meta({ description: "Null to a key that is limited to boxes." }),
  entry: z.string(),
  detailType: z.string(),
  event: z.string().nullable().meta({ description: "Null if the entry is about a box." }),
  tries: z.int(),
  reason: z.string(),
  since: z.iso.datetime(),
  at: z.iso.datetime(),
});

const listDeadLetters = route({
  method: "GET",
  path: "/v1/deadletters",
  who: administrators,
  about: {
    summary: "List dead letters: entries refused by a subscriber, or not delivered within a day; newest first",
    detail: "On one machine. On AWS dead letters are in the SQS queue beside each rule.",
    answer: { status: 200, is: "One page.", schema: z.object({ deadletters: z.array(letterAnswer), next: nextPage }) },
    others: { 404: "There are none on AWS." },
    example: { query: { rule: exampleIds.rule } },
  },
  asks: { query: z.object({ rule: ruleParameter, ...ofSite, ...paging }) },
  async answer({ query }, deps) {
    const letters = kept(deps);
    const { items, next } = await readPage(
      "deadletters",
      query,
      (filter, page) => letters.list(filter.rule ?? null, page),
      deps,
    );
    return Response.json({ deadletters: items, next });
  },
});

const sendDeadLetter = route({
  method: "POST",
  path: "/v1/deadletters/:id/send",
  who: administratorsAlone,
  about: {
    summary: "Deliver a dead letter again",
    answer: { status: 200, is: "It is in the queue of its rule.", schema: z.object({ id: z.string() }) },
    others: { 409: "Its rule is off or not in rules.json, or cannot be used." },
    example: { path: { id: exampleIds.deadLetter } },
  },
  asks: { path: numberPath },
  audits: { action: "dead-letters-sent", about: ({ path: { id } }) => ({ letter: id }) },
  async answer({ path: { id } }, deps) {
    const outcome = await kept(deps).send(id);
    if (outcome === "unknown") throw new GatepostError("not-found", "there is no such dead letter");
    if (outcome !== "sent") throw new GatepostError("conflict", whyNotSent[outcome]);
    return Response.json({ id });
  },
});

const sendDeadLetters = route({
  method: "POST",
  path: "/v1/deadletters/send",
  who: administratorsAlone,
  about: {
    summary: "Deliver all dead letters again, or the dead letters of one rule",
    detail: "Dead letters whose rule is off, or cannot be used, stay.",
    answer: { status: 200, is: "How many.", schema: z.object({ sent: z.int() }) },
    others: { 404: "There are none on AWS." },
    example: { query: { rule: exampleIds.rule } },
  },
  asks: { query: z.object({ rule: ruleParameter }) },
  audits: {
    action: "dead-letters-sent",
    about: ({ query }) => (query.rule === undefined ? {} : { rule: query.rule }),
    tells: z.object({ sent: z.int() }),
  },
  async answer({ query }, deps) {
    return Response.json({ sent: await kept(deps).sendAll(query.rule ?? null) });
  },
});

export const deadLetterRoutes = [listDeadLetters, sendDeadLetter, sendDeadLetters];

function kept({ deadLetters }: ApiPorts): DeadLetters {
  if (deadLetters !== null) return deadLetters;
  throw new GatepostError(
    "not-found",
    "on AWS, dead letters are in the SQS queue beside each rule: redrive them there",
  );
}
