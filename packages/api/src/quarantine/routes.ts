import { isUtf8 } from "node:buffer";
import { GatepostError } from "@gatepost/core/errors";
import { boxText, text } from "@gatepost/core/events";
import { several, valuesOf } from "@gatepost/core/lists";
import {
  batchTooLong,
  decodePicture,
  findPicture,
  fold,
  lookThrough,
  type QuarantineRecord,
  typeOf,
} from "@gatepost/core/quarantine";
import { isPath, type Json, decodePicture as readSentPicture, sentOn, stepsOfPath } from "@gatepost/protocol";
import * as z from "zod";
import { administrators, administratorsAlone } from "../access/who.ts";
import type { Job } from "../jobs/job.ts";
import { ofSite } from "../names.ts";
import { exampleIds } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { batchJobs, keptRecord, replaying, replayOne } from "./replay.ts";

const recordPath = z.object({ id: z.string().meta({ description: "`qrt_…`" }) });

export const recordAnswer = namedObject("QuarantineRecord", {
  id: z.string(),
  box: z.string(),
  path: z.string(),
  reason: z.string(),
  receivedAt: z.iso.datetime(),
  headers: z.record(z.string(), z.string()),
  event: namedObject("EventOfRecord", { id: z.string() }).nullable(),
  bytes: z.int(),
  replay: namedObject("BatchReplay", { job: z.string().nullable(), done: z.int(), of: z.int() })
    .nullable()
    .meta({
      description:
        "A long batch is replayed automatically: by which job, and how many of its reports so far. `job` is null, and `of` 0, " +
        "until it begins. Null for any other record.",
    }),
});

/** Bytes of an answer that Lambda gives: 6 MB, and base64 makes four of three. */
const maxAnswerBytes = 4 * 1024 * 1024;

const getRecord = route({
  method: "GET",
  path: "/v1/quarantine/:id",
  who: administrators,
  about: {
    summary: "Get one report that could not be understood",
    detail:
      "`body` is the received body as text; a body that is no text is in `bodyBase64`, and on AWS one of over 4 MB at `bodyLink`, " +
      'a URL for five minutes. With `fold=1` each picture in base64 is `{"$picture":{"path","bytes","href"}}` in the text, of ' +
      "which the first 256 KB are given (`isCut`). `fault` is the byte at which the JSON breaks, or the unreadable picture.",
    answer: {
      status: 200,
      is: "The report, whole.",
      schema: recordAnswer.extend({
        body: z.string().exactOptional(),
        bodyBase64: z.string().exactOptional(),
        bodyLink: z.object({ url: z.string(), expires: z.iso.datetime() }).exactOptional(),
        isCut: z.boolean().exactOptional(),
        fault: z.object({ byte: z.int(), path: z.string(), isTorn: z.boolean() }).nullable(),
      }),
    },
    example: { path: { id: exampleIds.record }, query: { fold: "1" } },
  },
  asks: {
    path: recordPath,
    query: z.object({
      fold: z.literal("1", "must be 1").meta({ description: "`1`: with pictures as links." }).exactOptional(),
    }),
  },
  async answer({ path, query, caller }, deps) {
    const record = await findRecord(path.id, deps);
    const { pictures, fault } = await lookThrough(record);
    const given = picturesGiven(pictures.length, query.fold !== undefined);
    if (given > 0) await deps.audit.countPictures(caller.id, given);
    const facts = { fault, replay: (await replaysOf([record], deps))(record) };
    if (query.fold !== undefined)
      return json(JSON.stringify(answerOf(record, { ...fold(record, pictures), ...facts })));
    const answer = JSON.stringify(answerOf(record, { ...contentOf(record), ...facts }));
    const { quarantineLinks: links } = deps;
    if (links === null || Buffer.byteLength(answer) <= maxAnswerBytes) return json(answer);
    return json(JSON.stringify(answerOf(record, { bodyLink: await links.link(record), ...facts })));
  },
});

/** A record as it is read: one in quarantine, or one that a mapping has replayed, with an event of it. */
type FoundRecord = Omit<QuarantineRecord, "event"> & { event: { id: string } | null };

/** Characters of the id of a record, at most. */
export const maxRecordId = 80;

/** A record in quarantine, or one whose replay by a mapping can be undone; null if there is none. */
export async function readRecord(id: string, { quarantine, replayed }: ApiPorts): Promise<FoundRecord | null> {
  // DynamoDB refuses to look for a key of over 2 KB.
  if (id.length > maxRecordId) return null;
  const record = await quarantine.get(id);
  if (record !== null) return record;
  const of = await replayed.get(id);
  const aside = of === null ? null : await quarantine.getAside(of);
  return of === null || aside === null ? null : { ...aside, event: markedBy(of) };
}

/** An event of a replayed record; null if it has none. */
export function markedBy({ event }: { event: string | null }): FoundRecord["event"] {
  return event === null ? null : { id: event };
}

/** Throws 404. */
export async function findRecord(id: string, deps: ApiPorts): Promise<FoundRecord> {
  const record = await readRecord(id, deps);
  if (record === null) throw noSuchRecord();
  return record;
}

function noSuchRecord(): GatepostError {
  return new GatepostError("not-found", "there is no such record; it may have been replayed");
}

/**
 * How many pictures an answer shows. A body without a found picture counts as one: its pictures may be in another form.
 */
function picturesGiven(found: number, isFolded: boolean): number {
  return isFolded && found > 0 ? 0 : Math.max(1, found);
}

function contentOf({ body }: Pick<QuarantineRecord, "body">) {
  const content = Buffer.from(body);
  return isUtf8(content) ? { body: content.toString() } : { bodyBase64: content.toString("base64") };
}

function answerOf({ body, ...record }: FoundRecord, content: object) {
  return { ...shownRecord(record), bytes: body.length, ...content };
}

function json(text: string): Response {
  return new Response(text, { headers: { "content-type": "application/json" } });
}

export function shownRecord({ receivedAt, event, key: _, ...record }: Omit<FoundRecord, "body">) {
  return { ...record, receivedAt: new Date(receivedAt).toISOString(), event: event && { id: event.id } };
}

type Waiting = Pick<QuarantineRecord, "id" | "reason">;

/** How far the replay of each of some records is; null for one that is not replayed by itself. */
async function replaysOf(records: readonly Waiting[], deps: ApiPorts) {
  const isWaiting = ({ reason }: Waiting) => reason === batchTooLong;
  const jobs = records.some(isWaiting) ? await batchJobs(deps) : new Map<string, Job>();
  return (record: Waiting) => {
    if (!isWaiting(record)) return null;
    const { id: job = null, done = 0, of = 0 } = jobs.get(record.id) ?? {};
    return { job, done, of };
  };
}

const getPicture = route({
  method: "GET",
  path: "/v1/quarantine/:id/pictures/:path",
  who: administrators,
  about: {
    summary: "Get a picture of a report that could not be understood",
    detail: "Its address is in the body that `fold=1` gives. Anything but JPEG and PNG is given as bytes.",
    answer: { status: 200, is: "The picture.", contentTypes: ["image/jpeg", "image/png", "application/octet-stream"] },
    example: { path: { id: exampleIds.record, path: "ext_data.recognize_face" } },
  },
  asks: {
    path: z.object({
      id: z.string().meta({ description: "`qrt_…`" }),
      path: z.string().max(256).meta({ description: "The path of the picture in the body, as `ext_data.spot_pic`." }),
    }),
  },
  async answer({ path: { id, path }, caller }, deps) {
    const record = await findRecord(id, deps);
    const body = Buffer.from(record.body);
    const found = await findPicture(body, path);
    const picture = found === null ? await readPicture(record, path, deps) : decodePicture(body, found);
    if (picture === null) throw new GatepostError("not-found", "this report has no picture there");
    const type = typeOf(picture);
    await deps.audit.countPictures(caller.id, 1);
    return new Response(new Uint8Array(picture), {
      headers: {
        "content-type": type ?? "application/octet-stream",
        "content-disposition": type === null ? "attachment" : "inline",
        "cache-control": "private, max-age=300",
        vary: "authorization",
      },
    });
  },
});

/** A picture of a body that is no JSON, or is in a form; null if there is none at this path. */
async function readPicture(record: FoundRecord, path: string, { decoded }: ApiPorts): Promise<Buffer | null> {
  const { values } = isPath(path) ? await decoded(record) : { values: [] };
  const root: Json = values.length === 1 ? (values[0] ?? null) : values;
  const text = isPath(path) ? sentOn(root, stepsOfPath(path)) : undefined;
  return typeof text === "string" ? (readSentPicture(text)?.data ?? null) : null;
}

export const quarantinePictureRoutes = [getPicture];

/** Records like one of which a sample is made that are read to find enumerations, and bytes of each. */
const likeIt = { records: 20, bytes: 1024 * 1024 };

/** The callers for whom this process makes a sample: one at a time, because it takes long. */
const sampling = new Set<string>();

const getSample = route({
  method: "GET",
  path: "/v1/quarantine/:id/sample",
  who: administrators,
  about: {
    summary: "Get a sample of a report to share, with another value in the place of each",
    detail:
      "Each value and each picture is another one of the same form; all times are moved by the same days and minutes. `kept` lists " +
      "the values that stayed: look at them before you share the sample.",
    answer: {
      status: 200,
      is: "The sample, as it would be sent.",
      schema: z.object({
        id: z.string(),
        path: z.string(),
        headers: z.record(z.string(), z.string()),
        body: z.string().exactOptional(),
        bodyBase64: z.string().exactOptional().meta({ description: "Of a body that is no text." }),
        kept: z.array(z.string()),
      }),
    },
    example: { path: { id: exampleIds.record } },
  },
  asks: { path: recordPath },
  async answer({ path: { id }, caller }, deps) {
    const record = await findRecord(id, deps);
    if (sampling.has(caller.id)) {
      throw new GatepostError("too-many", "another sample is being made for you; ask again then", { retryAfter: 2 });
    }
    sampling.add(caller.id);
    using _ = { [Symbol.dispose]: () => void sampling.delete(caller.id) };
    const { pictures } = await lookThrough(record);
    await deps.audit.countPictures(caller.id, picturesGiven(pictures.length, false));
    const { body, ...sample } = await deps.sample(record, recordsLike(record, deps));
    const answer = JSON.stringify({ id, ...sample, ...contentOf({ body }) });
    if (deps.quarantineLinks !== null && Buffer.byteLength(answer) > maxAnswerBytes)
      throw new GatepostError("too-large", "the sample is too long for an answer: make one of a shorter report");
    return json(answer);
  },
});

/** Newest records of the same box, path and reason. */
async function* recordsLike({ id, box, path, reason }: FoundRecord, { quarantine }: ApiPorts) {
  const { items } = await quarantine.list(box, { limit: likeIt.records + 1, cursor: null }, { reason, path });
  for (const one of items) {
    const record = one.id === id || one.bytes > likeIt.bytes ? null : await quarantine.get(one.id);
    if (record !== null) yield record;
  }
}

const replayAnswer = namedObject("RecordReplayed", {
  id: z.string(),
  outcome: z.enum(["stored", "kept"]),
  events: z.array(z.object({ id: z.string(), outcome: z.string() })),
  quarantined: z.array(keptRecord),
});

const listRecords = route({
  method: "GET",
  path: "/v1/quarantine",
  who: administrators,
  about: {
    summary: "List reports that could not be understood, newest first",
    answer: {
      status: 200,
      is: "One page, without the bodies; and by box the number of records that a full quarantine dropped.",
      schema: z.object({
        records: z.array(recordAnswer),
        next: nextPage,
        dropped: z.record(z.string(), z.int()),
      }),
    },
    example: { query: { box: "gate-1", reason: "picture", path: "/HistoryEvent", limit: "20" } },
  },
  asks: {
    query: z.object({
      box: several(boxText).exactOptional(),
      reason: text.meta({ description: "Of one reason, as `not-json`." }).exactOptional(),
      path: text.meta({ description: "Received on one path, as `/HistoryEvent`." }).exactOptional(),
      ...ofSite,
      ...paging,
    }),
  },
  async answer({ query }, deps) {
    const { items, next } = await readPage(
      "quarantine",
      query,
      ({ box, site: _, ...which }, page) => deps.quarantine.list(box === undefined ? null : valuesOf(box), page, which),
      deps,
    );
    const replayOf = await replaysOf(items, deps);
    const records = items.map(({ bytes, ...record }) => ({ ...shownRecord(record), bytes, replay: replayOf(record) }));
    return Response.json({ records, next, dropped: await deps.quarantine.dropped() });
  },
});

const groupAnswer = namedObject("QuarantineGroup", {
  reason: z.string(),
  box: z.string(),
  path: z.string(),
  count: z.int(),
  dropped: z.int().meta({
    description:
      "How many others like these were dropped because quarantine was full, as far as those that are kept know.",
  }),
  bytes: z.int(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
});

const listGroups = route({
  method: "GET",
  path: "/v1/quarantine/groups",
  who: administrators,
  about: {
    summary: "Group reports that could not be understood by reason, box and path",
    answer: {
      status: 200,
      is: "The groups, by their newest record. `isExact` is false if only the newest 10,000 were looked at.",
      schema: z.object({
        groups: z.array(groupAnswer),
        dropped: z.record(z.string(), z.int()),
        isExact: z.boolean(),
      }),
    },
  },
  asks: { query: z.object(ofSite) },
  async answer(_, { quarantine }) {
    const [{ groups, isExact }, dropped] = await Promise.all([quarantine.groups(null), quarantine.dropped()]);
    return Response.json({ groups, dropped, isExact });
  },
});

const replayRecord = route({
  method: "POST",
  path: "/v1/quarantine/:id/replay",
  who: administratorsAlone,
  about: {
    summary: "Process a report again, with its first time of receipt",
    detail:
      "`stored`: the report is no longer in quarantine; `events` is empty if it only shows that the gate is there. `kept`: it " +
      "stays, for the reason in `quarantined`.",
    answer: { status: 200, is: "The result of the replay.", schema: replayAnswer },
    example: { path: { id: exampleIds.record } },
  },
  asks: { path: recordPath },
  audits: {
    action: "replayed",
    about: ({ path: { id } }) => ({ record: /^qrt_\w{1,64}$/.test(id) ? id : "no record" }),
    tells: z.object({ outcome: z.string() }).transform(({ outcome }) => ({ kept: outcome === "kept" })),
  },
  async answer({ path: { id } }, deps) {
    const replayed = await replaying(deps, (read) => replayOne(id, deps, read));
    if (replayed === null) throw noSuchRecord();
    const { outcomes, kept } = replayed;
    const quarantined = outcomes.flatMap((outcome) => outcome.quarantined ?? []);
    const events = outcomes.flatMap(({ event }) => (event === null ? [] : [{ id: event.id, outcome: event.outcome }]));
    deps.log.info("replayed", { id, kept: kept !== null, events: events.length });
    return Response.json({ id, outcome: kept === null ? "stored" : "kept", events, quarantined });
  },
});

export const quarantineRoutes = [listRecords, listGroups, getRecord, getSample, replayRecord];
