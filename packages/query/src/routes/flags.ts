import { GatepostError } from "@gatepost/ingest";
import { dayMs, instantOrNull } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { countedMoment } from "../counted-moment.ts";
import { exampleFlag } from "../openapi/examples.ts";
import type { FlagCount } from "../ports/half-hour-counts.ts";
import { readers, route } from "../route.ts";
import { wholeHalfHours } from "../statistics/statistics.ts";

/** Days of one request; events are kept about as long by default. */
const maxFlagDays = 92;

const flagAnswer = z.object({
  flag: z.string(),
  box: z.string(),
  count: z.int(),
  latest: z.string().nullable(),
  at: z.iso.datetime().nullable(),
});

const listFlags = route({
  method: "GET",
  path: "/v1/flags",
  scopes: readers,
  about: {
    summary: "Count events by flag and box",
    detail:
      "Of the events that exist, by their own times; the most frequent first. `from` and `to` are moved outwards to " +
      "half-hours of UTC. `latest` is the event that passed last, and `at` its time. On AWS they are null after that event " +
      "was erased or lost the flag, until another has it on its day, and where it passed behind `to` on the same day (UTC); " +
      "an event is counted about a minute after its report.",
    answer: {
      status: 200,
      is: "All flags of that time.",
      schema: z.object({ flags: z.array(flagAnswer) }),
      example: { flags: [exampleFlag] },
    },
    example: { query: { from: "2026-11-05T00:00:00+08:00", to: "2026-11-06T00:00:00+08:00" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      from: countedMoment(
        `The earliest time, at most ${maxFlagDays} days before \`to\`; a day before it.`,
      ).exactOptional(),
      to: countedMoment("The time before which they must be; now.").exactOptional(),
    }),
    body: noBody,
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
