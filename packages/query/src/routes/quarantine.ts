import * as z from "zod";
import { noBody } from "../body.ts";
import { replayOne } from "../jobs/replay.ts";
import { boxText, text } from "../listing.ts";
import { exampleGroup, exampleRecord } from "../openapi/examples.ts";
import { nextPage, paging, readPage } from "../page.ts";
import { admins, readers, route } from "../route.ts";
import { several, valuesOf } from "../several.ts";
import { getRecord, noSuchRecord, recordAnswer, recordPath, shown } from "./quarantine-record.ts";

const replayAnswer = z.object({
  id: z.string(),
  outcome: z.enum(["stored", "kept"]),
  events: z.array(z.object({ id: z.string(), outcome: z.string() })),
  quarantined: z.array(z.object({ id: z.string(), reason: z.string() })),
});

const listRecords = route({
  method: "GET",
  path: "/v1/quarantine",
  scopes: readers,
  about: {
    summary: "List what could not be understood, newest first",
    answer: {
      status: 200,
      is: "One page, without the bodies; and how many a full quarantine had to let go, by box.",
      schema: z.object({
        records: z.array(recordAnswer),
        next: nextPage,
        dropped: z.record(z.string(), z.int()),
      }),
      example: { records: [exampleRecord], next: null, dropped: { "gate-1": 3 } },
    },
    example: { query: { box: "gate-1", reason: "picture", path: "/HistoryEvent", limit: "20" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      box: several(boxText).meta({ description: "Of these boxes." }).exactOptional(),
      reason: text.meta({ description: "Of one reason, as `not-json`." }).exactOptional(),
      path: text.meta({ description: "That came to one path, as `/HistoryEvent`." }).exactOptional(),
      ...paging,
    }),
    body: noBody,
  },
  async answer({ query }, deps) {
    const { items, next } = await readPage(
      "quarantine",
      query,
      ({ box, ...which }, page) => deps.quarantine.list(box === undefined ? null : valuesOf(box), page, which),
      deps,
    );
    const records = items.map(({ bytes, ...record }) => ({ ...shown(record), bytes }));
    return Response.json({ records, next, dropped: await deps.quarantine.dropped() });
  },
});

const groupAnswer = z.object({
  reason: z.string(),
  box: z.string(),
  path: z.string(),
  count: z.int(),
  bytes: z.int(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
});

const listGroups = route({
  method: "GET",
  path: "/v1/quarantine/groups",
  scopes: readers,
  about: {
    summary: "Group what could not be understood by reason, box and path",
    answer: {
      status: 200,
      is: "The groups, that with the newest record first. `isExact` is false where only the newest 10,000 were looked at.",
      schema: z.object({
        groups: z.array(groupAnswer),
        dropped: z.record(z.string(), z.int()),
        isExact: z.boolean(),
      }),
      example: { groups: [exampleGroup], dropped: { "gate-1": 3 }, isExact: true },
    },
  },
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  async answer(_, { quarantine }) {
    const [{ groups, isExact }, dropped] = await Promise.all([quarantine.groups(null), quarantine.dropped()]);
    return Response.json({ groups, dropped, isExact });
  },
});

const replayRecord = route({
  method: "POST",
  path: "/v1/quarantine/:id/replay",
  scopes: admins,
  about: {
    summary: "Read a report again, as if it had come when it first did",
    detail:
      "`stored`: it is understood now and gone from quarantine. `kept`: it stays, for the reason in `quarantined`.",
    answer: {
      status: 200,
      is: "What became of it.",
      schema: replayAnswer,
      example: {
        id: exampleRecord.id,
        outcome: "kept",
        events: [{ id: exampleRecord.event.id, outcome: "merged" }],
        quarantined: [{ id: exampleRecord.id, reason: exampleRecord.reason }],
      },
    },
    example: { path: { id: exampleRecord.id } },
  },
  asks: { path: recordPath, query: z.object({}), body: noBody },
  audits: {
    action: "replayed",
    about: ({ path: { id } }) => ({ record: /^qrt_\w{1,64}$/.test(id) ? id : "no record" }),
    tells: z.object({ outcome: z.string() }).transform(({ outcome }) => ({ kept: outcome === "kept" })),
  },
  async answer({ path: { id } }, deps) {
    const replayed = await replayOne(id, deps);
    if (replayed === null) throw noSuchRecord();
    const { outcomes, kept } = replayed;
    const quarantined = outcomes.flatMap((outcome) => outcome.quarantined ?? []);
    const events = outcomes.flatMap(({ event }) => (event === null ? [] : [{ id: event.id, outcome: event.outcome }]));
    deps.log.info("replayed", { id, kept: kept !== null, events: events.length });
    return Response.json({ id, outcome: kept === null ? "stored" : "kept", events, quarantined });
  },
});

export const quarantineRoutes = [listRecords, listGroups, getRecord, replayRecord];
