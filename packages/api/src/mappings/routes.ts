import { GatepostError } from "@gatepost/core/errors";
import type { EventFilter } from "@gatepost/core/events";
import type { Page } from "@gatepost/core/lists";
import type { ReplayedRecord, Revised } from "@gatepost/core/mappings";
import type { Zone } from "@gatepost/core/zones";
import {
  changedMappingSchema,
  instantOrNull,
  isObject,
  type MappingDraft,
  type MappingId,
  mappingId,
  mappingLimits,
  mappingSchema,
  merge,
  type StoredEvent,
  secondMs,
} from "@gatepost/protocol";
import * as z from "zod";
import { administratorsAlone } from "../access/who.ts";
import { doNow } from "../jobs/do-now.ts";
import { zoneParameter } from "../moments.ts";
import { boxName, visibleText } from "../names.ts";
import { exampleIds, exampleMapping } from "../openapi/examples.ts";
import type { ApiPorts } from "../ports.ts";
import { markedBy, recordAnswer, shownRecord } from "../quarantine/routes.ts";
import { route } from "../route.ts";
import { previewUndo, undoJobOf, undone, undoneBy } from "./undo.ts";

/** A mapping is saved only so. One that was saved before these rules is still read. */
const saved = z.object({
  name: visibleText(mappingLimits.nameCharacters),
  box: boxName.nullable(),
  fields: z.custom<MappingDraft["fields"]>(
    (fields) => isObject(fields) && Object.keys(fields).length > 0,
    "must have a field, as `time`",
  ),
});

function savedAs<Draft extends MappingDraft>(draft: Draft, context: z.RefinementCtx): Draft {
  const { data, error } = saved.safeParse(draft);
  for (const { path, message } of error?.issues ?? []) context.addIssue({ code: "custom", path, message });
  return { ...draft, ...data };
}

// The schemas are of the small build of zod. Nothing is changed before they read it.
const asSent = (sent: unknown) => sent;
const draft = z.preprocess(asSent, mappingSchema()).transform(savedAs);
const changed = z.preprocess(asSent, changedMappingSchema()).transform(savedAs);

const mappingAnswer = z
  .object({ id: z.string(), rev: z.int(), name: z.string(), box: z.string().nullable(), isOn: z.boolean() })
  .loose()
  .meta({ id: "SavedMapping" });

/** Newest events that are looked at for the use of mappings. */
const maxLooked = 1000;

/** Most replayed records that are listed: a mapping may be tried on as many at once. */
const maxReplayed = 100;

const usedMapping = mappingAnswer
  .extend({
    today: z.int().meta({ description: "Its events of the date of the zone." }),
    lastAt: z.iso.datetime().nullable().meta({ description: "The time of its last event; null if none was found." }),
    isExact: z.boolean().meta({ description: `False: only the newest ${maxLooked} events were looked at.` }),
  })
  .meta({ id: "ReportMapping" });

const ofDay = {
  zone: zoneParameter.prefault("UTC").meta({ description: "The IANA zone of the day of `today`." }),
};

const mappingPath = z.object({
  id: z
    .string()
    .refine((id): id is MappingId => mappingId().safeParse(id).success, "must be the id of a mapping, as map_1f")
    .meta({ description: "`map_…`" }),
});

const listMappings = route({
  method: "GET",
  path: "/v1/mappings",
  who: administratorsAlone,
  about: {
    summary: "List the mappings",
    detail: "A mapping says which values of a report of an unknown format are which facts. docs/mappings.md.",
    answer: {
      status: 200,
      is: "All mappings, by name, each with its use.",
      schema: z.object({ mappings: z.array(usedMapping) }),
    },
  },
  asks: { query: z.object(ofDay) },
  async answer({ query: { zone } }, deps) {
    return Response.json({ mappings: await withUse(await deps.mappings.list(), zone, deps) });
  },
});

const getMapping = route({
  method: "GET",
  path: "/v1/mappings/:id",
  who: administratorsAlone,
  about: {
    summary: "Get a mapping",
    answer: { status: 200, is: "The mapping with its use.", schema: usedMapping },
    example: { path: { id: exampleIds.mapping } },
  },
  asks: { path: mappingPath, query: z.object(ofDay) },
  async answer({ path, query: { zone } }, deps) {
    const [mapping] = await withUse([found(await deps.mappings.get(path.id))], zone, deps);
    return Response.json(mapping);
  },
});

const listReplayed = route({
  method: "GET",
  path: "/v1/mappings/:id/records",
  who: administratorsAlone,
  about: {
    summary: "List the reports that a mapping has replayed",
    detail:
      `The newest ${maxReplayed} records that its replays of the last seven days have taken from quarantine. Each is read as a ` +
      "record there, by its id, and a changed mapping may be tried on it.",
    answer: {
      status: 200,
      is: "The records without their bodies, the newest first.",
      schema: z.object({ records: z.array(recordAnswer) }),
    },
    example: { path: { id: exampleIds.mapping } },
  },
  asks: { path: mappingPath },
  async answer({ path }, { replayed, quarantine }) {
    const newest = new Map<string, ReplayedRecord>();
    for await (const { record, isUndone } of replayed.of(path.id, { order: "descending" })) {
      if (newest.size === maxReplayed) break;
      if (!isUndone && record.keptFor === null) newest.set(record.id, record);
    }
    const records = await quarantine.listAside([...newest.values()]);
    const marked = records.map((record) => {
      const of = newest.get(record.id);
      return { ...shownRecord({ ...record, event: of === undefined ? null : markedBy(of) }), replay: null };
    });
    return Response.json({ records: marked });
  },
});

const addMapping = route({
  method: "POST",
  path: "/v1/mappings",
  who: administratorsAlone,
  about: {
    summary: "Teach a report format",
    detail:
      "From now on a report that no dialect knows, and that meets `when`, is an event. Replay the reports in quarantine " +
      "to make events of those, too. On AWS, other processes know of it within a minute.",
    answer: { status: 201, is: "The mapping.", schema: mappingAnswer },
    others: { 409: "There are 100 mappings." },
    example: { body: exampleMapping },
  },
  asks: { body: draft },
  audits: {
    action: "mapping-made",
    about: () => ({}),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ mapping: id })),
  },
  async answer({ body }, { mappings }) {
    return Response.json(await mappings.add(body), { status: 201 });
  },
});

const putMapping = route({
  method: "PUT",
  path: "/v1/mappings/:id",
  who: administratorsAlone,
  about: {
    summary: "Change a mapping",
    detail: "`rev` is the one that was read. Events that are there stay as they are.",
    answer: { status: 200, is: "The mapping as it is now.", schema: mappingAnswer },
    others: { 409: "Another caller has changed it (`changed`)." },
    example: { path: { id: exampleIds.mapping }, body: { id: exampleIds.mapping, rev: 1, ...exampleMapping } },
  },
  asks: { path: mappingPath, body: changed },
  audits: { action: "mapping-changed", about: ({ path }) => ({ mapping: path.id }) },
  async answer({ path, body: { id: _, today: __, lastAt: ___, isExact: ____, rev, ...mapping } }, { mappings }) {
    return Response.json(found(await mappings.put(path.id, rev, mapping)));
  },
});

const removeMapping = route({
  method: "DELETE",
  path: "/v1/mappings/:id",
  who: administratorsAlone,
  about: {
    summary: "Remove a mapping",
    detail: "Its reports go to quarantine again. Its events stay; `undo` erases the events of its replays.",
    answer: { status: 204, is: "It is removed." },
    example: { path: { id: exampleIds.mapping } },
  },
  asks: { path: mappingPath },
  audits: { action: "mapping-removed", about: ({ path }) => ({ mapping: path.id }) },
  async answer({ path }, { mappings }) {
    if (!(await mappings.remove(path.id))) throw noSuchMapping;
    return new Response(null, { status: 204 });
  },
});

/** ms for which a request does the work of an undo itself. */
const undoMs = 15 * secondMs;

const previewOfUndo = route({
  method: "GET",
  path: "/v1/mappings/:id/undo",
  who: administratorsAlone,
  about: {
    summary: "See what the undo of a mapping would do",
    detail:
      "`events` of its replays of the last seven days would be erased, and `records` be in quarantine again. `stay` counts the " +
      "events that cannot be undone. Events that it made of reports as they came are none of these: they stay. Nothing is changed.",
    answer: {
      status: 200,
      is: "The numbers as they are now; `isExact` is false if there are more: then they are of the first 20,000 events at most.",
      schema: undone.extend({ isExact: z.boolean() }),
    },
    example: { path: { id: exampleIds.mapping } },
  },
  asks: { path: mappingPath },
  async answer({ path }, deps) {
    const would = await previewUndo(path.id, deps);
    if (would === null) throw noSuchMapping;
    return Response.json(would);
  },
});

const undo = route({
  method: "POST",
  path: "/v1/mappings/:id/undo",
  who: administratorsAlone,
  about: {
    summary: "Undo a mapping and its replays",
    detail:
      "Removes the mapping, puts the records that it has read in replays of the last seven days back into quarantine, and erases " +
      "the events of these replays with their actions, notes and marks. Events that it made of reports when they were received " +
      "stay; `stay` counts others that stay. A job does it: if `isDone` is false, `GET /v1/jobs/{id}` has its state and result. " +
      "Asked again, the answer is of the same job.",
    answer: {
      status: 200,
      is: "What is done so far, and the job.",
      schema: undone.extend({ isDone: z.boolean(), job: z.string() }),
    },
    others: { 409: "The job failed or was stopped: ask again." },
    example: { path: { id: exampleIds.mapping } },
  },
  asks: { path: mappingPath },
  audits: {
    action: "mapping-undone",
    about: ({ path }) => ({ mapping: path.id }),
    tells: z.object({ events: z.int(), records: z.int() }),
  },
  async answer({ path }, deps) {
    const undoing = await undoJobOf(path.id, deps);
    if (undoing === null) throw noSuchMapping;
    const job = undoing.isNew ? await doNow(undoing.job.id, deps, undoMs) : undoing.job;
    return Response.json({ ...undoneBy(job), isDone: job.state === "done", job: job.id });
  },
});

/** Mappings with their events among the newest ones: nothing counts events by mapping. */
async function withUse(mappings: readonly Revised[], zone: Zone, { events, clock }: ApiPorts) {
  const uses = new Map<string, { today: number; last: number | null }>();
  for (const { id } of mappings) uses.set(id, { today: 0, last: null });
  const boxes = mappings.map(({ box }) => box);
  const filter = boxes.includes(null) ? {} : { box: boxes.filter((box) => box !== null) };
  const since = zone.startOfDay(zone.dayOf(clock()));
  let looked = 0;
  for await (const event of mappings.length === 0 ? [] : newestOf(filter, events)) {
    const { timestamp, reports } = merge(event);
    const isDone = timestamp < since && [...uses.values()].every(({ last }) => last !== null);
    if (isDone) break;
    looked += 1;
    for (const dialect of new Set(reports.map((report) => report.dialect))) count(uses.get(dialect), timestamp, since);
  }
  return mappings.map((mapping) => {
    const { today = 0, last = null } = uses.get(mapping.id) ?? {};
    return { ...mapping, today, lastAt: instantOrNull(last), isExact: looked < maxLooked };
  });
}

function count(use: { today: number; last: number | null } | undefined, timestamp: number, since: number): void {
  if (use === undefined) return;
  use.last ??= timestamp;
  if (timestamp >= since) use.today += 1;
}

async function* newestOf(filter: EventFilter, events: ApiPorts["events"]): AsyncGenerator<StoredEvent> {
  let cursor: string | null = null;
  for (let left = maxLooked; left > 0; ) {
    const page: Page<StoredEvent> = await events.list(filter, { limit: Math.min(200, left), cursor });
    yield* page.items;
    left -= page.items.length;
    cursor = page.next;
    if (cursor === null) return;
  }
}

const noSuchMapping = new GatepostError("not-found", "there is no such mapping");

function found(mapping: Revised | null): Revised {
  if (mapping === null) throw noSuchMapping;
  return mapping;
}

export const mappingRoutes = [
  listMappings,
  getMapping,
  listReplayed,
  addMapping,
  putMapping,
  removeMapping,
  previewOfUndo,
  undo,
];
