import * as z from "zod";
import { exampleEvent, exampleRule, exampleTrial } from "../openapi/examples.ts";
import { readers, route } from "../route.ts";
import { findEvent } from "./events.ts";
import { rulesOf } from "./rule-file.ts";

const finding = z.object({ path: z.string(), holds: z.boolean(), is: z.string(), wants: z.string() });
const trial = z.object({
  event: z.string(),
  detailType: z.string(),
  matches: z.boolean(),
  why: z.array(finding),
});
const trialAnswer = z.union([
  z.object({
    tried: z.int().meta({ description: "How many events it was tried on." }),
    matched: z.int().meta({ description: "How many of them have an entry that it matches." }),
    events: z.array(trial).meta({ description: "Their entries: an event with several actions has several." }),
  }),
  z.object({ event: z.string(), rules: z.array(trial.extend({ rule: z.string() })) }),
]);

/** Events that a pattern is tried on at most. */
const maxTried = 500;

export const tryRules = route({
  method: "POST",
  path: "/v1/rules/try",
  scopes: readers,
  about: {
    summary: "Try a pattern on the last events, or every rule on one event",
    detail:
      '`{"pattern","last"}`: on the entries that the last events (100; 500 at most) put on the bus, or would put there if every ' +
      'event were announced. `{"event"}`: every rule on the entries of one event. `why` says condition by condition what holds.',
    answer: {
      status: 200,
      is: "What matches, and why.",
      schema: trialAnswer,
      example: { tried: 1, matched: 1, events: [exampleTrial] },
    },
    others: { 404: "There is no such event; on AWS, rules are on the EventBridge bus." },
    example: { body: { pattern: exampleRule.pattern, last: 100 } },
  },
  asks: {
    path: z.object({}),
    query: z.object({}),
    body: z.union([
      z.strictObject({ pattern: z.unknown(), last: z.int().min(1).max(maxTried).default(100) }),
      z.strictObject({ event: z.string().meta({ example: exampleEvent.id }) }),
    ]),
  },
  async answer({ body }, deps) {
    const rules = rulesOf(deps);
    if ("event" in body) {
      return Response.json({ event: body.event, rules: rules.tryRules(await findEvent(body.event, deps)) });
    }
    const { items } = await deps.events.list({}, { limit: body.last, cursor: null });
    const events = await rules.tryPattern(body.pattern, items);
    // An event with several actions has an entry of each: events are counted, and each of them once.
    const matched = new Set(events.filter(({ matches }) => matches).map(({ event }) => event));
    return Response.json({ tried: items.length, matched: matched.size, events });
  },
});
