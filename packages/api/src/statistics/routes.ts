import { GatepostError } from "@gatepost/core/errors";
import { boxText, deviceText, moment } from "@gatepost/core/events";
import { several, valuesOf } from "@gatepost/core/lists";
import {
  comparisons,
  type FlagCount,
  readStatistics,
  type Unit,
  units,
  wholeHalfHours,
} from "@gatepost/core/statistics";
import { dayMs, instantOrNull, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { guards, managers } from "../access/who.ts";
import { countedMoment, zoneParameter } from "../moments.ts";
import { ofSite } from "../names.ts";
import { namedObject } from "../openapi/named.ts";
import { route } from "../route.ts";

const countsAnswer = namedObject("Counts", {
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
  who: guards,
  about: {
    summary: "Count the passings of today, and open tasks",
    detail:
      "`today` and `flagged` are passings of the zone's date. `sinceSeen` is how many records were quarantined, and how " +
      "many dead letters were added, since `seen`. Counts are up to 5 s old. On AWS `deadletters` is null, because they are " +
      "in the SQS queue beside each rule, and of actions and records 1,000 are counted at most.",
    answer: { status: 200, is: "The counts.", schema: countsAnswer },
    example: { query: { seen: "2026-11-05T11:00:00+08:00", zone: "Asia/Shanghai" } },
  },
  asks: {
    query: z.object({
      seen: moment
        .meta({ description: "The time of the user's last look at problems. Default: never." })
        .exactOptional(),
      zone: zoneParameter.prefault("UTC"),
      ...ofSite,
    }),
  },
  async answer({ query: { seen = null, zone } }, deps) {
    return Response.json(await deps.counts.read({ boxes: null, zone, seen }));
  },
});

export const countsRoutes = [getCounts];

/** Days of an answer if `from` is not given. */
const usualDays: Record<Unit, number> = { "half-hour": 1, hour: 7, day: 31 };

const isUnit = (word: string): word is Unit => units.some((unit) => unit === word);

/** The unit of buckets; by default an hour. Throws GatepostError bad-request for several. */
function unitOf(words: readonly string[]): Unit {
  const [unit = "hour", second] = words.filter(isUnit);
  if (second === undefined) return unit;
  throw new GatepostError("bad-request", "by: give one of half-hour, hour and day, and device beside it");
}

const personType = z.enum(personTypes);

const busiestHalfHour = z.object({
  start: z.iso.datetime({ offset: true }),
  minutes: z.literal(30),
  count: z.int(),
});

const statisticsAnswer = namedObject("Stats", {
  by: z.enum(units),
  zone: z.string(),
  buckets: z
    .array(
      z.object({
        start: z.iso.datetime({ offset: true }),
        box: z.string(),
        device: z
          .string()
          .nullable()
          .exactOptional()
          .meta({ description: "By device alone: its id, its ep_id or its address; null if it is not known." }),
        type: personType,
        count: z.int(),
        before: z.int().exactOptional().meta({ description: "With `compare`: the count of the past beside it." }),
      }),
    )
    .meta({ description: "In the order of time, box, device and type. Empty buckets are left out." }),
  match: z.array(z.object({ type: personType, from: z.int(), to: z.int(), count: z.int() })).meta({
    description:
      "The number of events with a score of `from` to `to` percent of its scale, if that is known; none with `device`.",
  }),
  busiest: busiestHalfHour
    .extend({
      before: busiestHalfHour
        .nullable()
        .exactOptional()
        .meta({ description: "With `compare`: the busiest one of the past." }),
    })
    .nullable()
    .meta({ description: "The half-hour with the most events; null if there are none." }),
  usualWeek: z.array(z.array(z.number())).meta({
    description:
      "Seven rows of 24 hours from Monday: the mean of the last four weeks, without today. A week without counts is left out.",
  }),
});

const getStatistics = route({
  method: "GET",
  path: "/v1/stats",
  who: managers,
  about: {
    summary: "Count passings by half-hour, hour or day, and by device",
    detail:
      "By the events' own times and the types that they show. Counts outlive events: neither erasure nor expiry changes them. " +
      "`from` and `to` are moved outwards to half-hours of UTC. At most 31 days by half-hour, 92 by hour, 400 by day. " +
      "`by=day&by=device` also tells devices apart; if a box has over 100 of them, some may be counted as unknown. With `compare` " +
      "each bucket has the count of the same time a week before, or of the same day of the month before.",
    answer: { status: 200, is: "The counts.", schema: statisticsAnswer },
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
    query: z.object({
      by: several(z.enum([...units, "device"]))
        .meta({
          description: "The unit of a bucket, by default an hour; `device`, alone or beside it: by device, too.",
        })
        .exactOptional(),
      from: countedMoment(
        "The earliest time; by default a day before `to` by half-hour, 7 days by hour, 31 by day.",
      ).exactOptional(),
      to: countedMoment("The time before which they must be; now.").exactOptional(),
      box: several(boxText).exactOptional(),
      device: several(deviceText)
        .meta({ description: "Of devices with these names: the id, else the ep_id, else the address." })
        .exactOptional(),
      compare: z.enum(comparisons).meta({ description: "The past beside each bucket." }).exactOptional(),
      zone: zoneParameter.prefault("UTC").meta({ description: "The IANA zone of hours, days and weeks." }),
      ...ofSite,
    }),
  },
  async answer({ query: { by: asWords = [], box, device, compare, zone, ...asked } }, deps) {
    const now = deps.clock();
    const words = valuesOf(asWords);
    const [by, isByDevice] = [unitOf(words), words.includes("device")];
    const to = asked.to ?? now;
    const from = asked.from ?? to - usualDays[by] * dayMs;
    const named = { boxes: valuesOf(box) ?? null, devices: valuesOf(device) };
    const request = { by, zone, from, to, isByDevice, ...named, compare };
    return Response.json(await readStatistics(request, deps.statistics, now));
  },
});

export const statisticsRoutes = [getStatistics];

/** Days of one request; events are kept about as long by default. */
const maxFlagDays = 92;

const flagAnswer = namedObject("FlagCount", {
  flag: z.string(),
  box: z.string(),
  count: z.int(),
  latest: z.string().nullable(),
  at: z.iso.datetime().nullable(),
});

const listFlags = route({
  method: "GET",
  path: "/v1/flags",
  who: managers,
  about: {
    summary: "Count events by flag and box",
    detail:
      "Counts the events that still exist, by their own times; the most frequent flag first. `from` and `to` are moved outwards to " +
      "half-hours of UTC. `latest` is the event that passed last, and `at` its time. On AWS they are null after that event " +
      "was erased or lost the flag, and if it passed after `to` on the same day (UTC).",
    answer: { status: 200, is: "All flags of that time.", schema: z.object({ flags: z.array(flagAnswer) }) },
    example: { query: { from: "2026-11-05T00:00:00+08:00", to: "2026-11-06T00:00:00+08:00" } },
  },
  asks: {
    query: z.object({
      from: countedMoment(
        `The earliest time, at most ${maxFlagDays} days before \`to\`; by default a day before it.`,
      ).exactOptional(),
      to: countedMoment("The time before which they must be; now.").exactOptional(),
      ...ofSite,
    }),
  },
  async answer({ query }, deps) {
    const to = query.to ?? deps.clock();
    const range = wholeHalfHours({ from: query.from ?? to - dayMs, to });
    if (range.from > range.to) throw new GatepostError("bad-request", "from: must be before to");
    if (range.to - range.from > (maxFlagDays + 1) * dayMs) {
      throw new GatepostError("bad-request", `from: ask for at most ${maxFlagDays} days at once`);
    }
    const flags = await deps.statistics.flags({ ...range, boxes: null });
    return Response.json({ flags: flags.sort(mostFirst).map(shown) });
  },
});

export const flagRoutes = [listFlags];

function mostFirst(one: FlagCount, other: FlagCount): number {
  const names = (count: FlagCount) => `${count.flag} ${count.box}`;
  return other.count - one.count || (names(one) < names(other) ? -1 : 1);
}

function shown({ at, ...count }: FlagCount) {
  return { ...count, at: instantOrNull(at) };
}
