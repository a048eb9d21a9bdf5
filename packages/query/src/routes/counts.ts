import * as z from "zod";
import { noBody } from "../body.ts";
import { moment, momentForm } from "../listing.ts";
import { exampleCounts } from "../openapi/examples.ts";
import { readers, route } from "../route.ts";
import { zoneParameter } from "../zone-parameter.ts";

const countsAnswer = z.object({
  today: z.int(),
  actions: z.object({ pending: z.int(), announced: z.int(), failed: z.int() }),
  boxes: z.object({ reporting: z.int(), silent: z.int() }).nullable(),
  problems: z.object({
    quarantine: z.int(),
    deadletters: z.int().nullable(),
    flagged: z.int(),
    sinceSeen: z.int(),
  }),
});

const getCounts = route({
  method: "GET",
  path: "/v1/counts",
  scopes: readers,
  about: {
    summary: "Count what came today and what needs somebody",
    detail:
      "`today` and `flagged` are passings of the zone's date. `sinceSeen` is how many records came into quarantine, and how " +
      "many dead letters there were, since `seen`. Counts are up to 5 s old. On AWS `deadletters` is null, because they are " +
      "in the SQS queue beside each rule, and of actions and records 1,000 are counted at most.",
    answer: { status: 200, is: "The counts.", schema: countsAnswer, example: exampleCounts },
    example: { query: { seen: "2026-11-05T11:00:00+08:00", zone: "Asia/Shanghai" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      seen: moment
        .meta({ description: `When a person looked at problems last: ${momentForm} Left out: never.` })
        .exactOptional(),
      zone: zoneParameter.prefault("UTC").meta({ description: "The IANA zone by which a day begins." }),
    }),
    body: noBody,
  },
  async answer({ query: { seen = null, zone } }, deps) {
    return Response.json(await deps.counts.read({ boxes: null, zone, seen }));
  },
});

export const countsRoutes = [getCounts];
