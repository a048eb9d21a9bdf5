import { dayMs, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { countedMoment } from "../counted-moment.ts";
import { boxText } from "../listing.ts";
import { exampleStatistics } from "../openapi/examples.ts";
import { readers, route } from "../route.ts";
import { several, valuesOf } from "../several.ts";
import { readStatistics } from "../statistics/statistics.ts";
import { type Unit, units, usualKeptDays } from "../statistics/units.ts";
import { zoneParameter } from "../zone-parameter.ts";

/** Days of an answer where `from` is not given. */
const usualDays: Record<Unit, number> = { "half-hour": 1, hour: 7, day: 31 };

const unit = z.enum(units).default("hour");
const personType = z.enum(personTypes);

const statisticsAnswer = z.object({
  by: z.enum(units),
  zone: z.string(),
  buckets: z
    .array(z.object({ start: z.iso.datetime({ offset: true }), box: z.string(), type: personType, count: z.int() }))
    .meta({ description: "In the order of time, box and type. Where nothing was counted, there is no bucket." }),
  match: z.array(z.object({ type: personType, from: z.int(), to: z.int(), count: z.int() })).meta({
    description: "How many events have a score of `from` to `to` percent of its scale, as far as that is known.",
  }),
  busiest: z
    .object({ start: z.iso.datetime({ offset: true }), minutes: z.literal(30), count: z.int() })
    .nullable()
    .meta({ description: "The half-hour with the most events; null where there are none." }),
  usualWeek: z.array(z.array(z.number())).meta({
    description:
      "Seven rows of 24 hours from Monday: the mean of the last four weeks, today not among them. A week in which nothing was counted is left out.",
  }),
});

const getStatistics = route({
  method: "GET",
  path: "/v1/stats",
  scopes: readers,
  about: {
    summary: "Count passings by half-hour, hour or day",
    detail:
      `By the events' own times and the types that they show. Counts outlive events: they are kept for ${usualKeptDays} days, ` +
      "where nobody set another number, and neither erasure nor expiry changes them; of what was before there are no buckets. " +
      "`from` and `to` are moved outwards to half-hours of UTC, and a half-hour belongs to the hour and the day of the zone in " +
      "which it begins. At most 31 days by half-hour, 92 by hour, 400 by day. On AWS a passing is counted about a minute after " +
      "its report.",
    answer: { status: 200, is: "The counts.", schema: statisticsAnswer, example: exampleStatistics },
    example: {
      query: {
        by: "hour",
        from: "2026-11-05T00:00:00+08:00",
        to: "2026-11-06T00:00:00+08:00",
        box: "gate-1",
        zone: "Asia/Shanghai",
      },
    },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      by: unit.meta({ description: "What counts are summed by." }),
      from: countedMoment("The earliest time; a day before `to` by half-hour, 7 by hour, 31 by day.").exactOptional(),
      to: countedMoment("The time before which they must be; now.").exactOptional(),
      box: several(boxText).meta({ description: "Of these boxes." }).exactOptional(),
      zone: zoneParameter.prefault("UTC").meta({ description: "The IANA zone of hours, days and weeks." }),
    }),
    body: noBody,
  },
  async answer({ query: { by, box, zone, ...asked } }, deps) {
    const now = deps.clock();
    const to = asked.to ?? now;
    const from = asked.from ?? to - usualDays[by] * dayMs;
    const boxes = box === undefined ? null : valuesOf(box);
    return Response.json(await readStatistics({ by, zone, from, to, boxes }, deps.statistics, now));
  },
});

export const statisticsRoutes = [getStatistics];
