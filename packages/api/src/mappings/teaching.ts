import { setImmediate as nextTurn } from "node:timers/promises";
import { GatepostError } from "@gatepost/core/errors";
import { boxText } from "@gatepost/core/events";
import { pathPart } from "@gatepost/core/paths";
import type { QuarantineRecord, TaughtBody, TriedReport } from "@gatepost/core/quarantine";
import {
  decodePicture,
  elementsOf,
  instantOrNull,
  isObject,
  isOfUnknownShape,
  isPath,
  type Json,
  type JsonObject,
  type Mapping,
  mappingSchema,
  omitAbsent,
  pathOf,
  type StoredEvent,
  sentOn,
  stepsOfPath,
} from "@gatepost/protocol";
import {
  documentedLayout,
  isPictureText,
  type KeptBody,
  layouts,
  leavesOf,
  listUnmet,
  type Meaning,
  mayBe,
  shownValue,
  suggest,
  unmetBy,
} from "@gatepost/protocol/teaching";
import * as z from "zod";
import { shownEvent, shownEvents } from "../access/actors.ts";
import { administratorsAlone } from "../access/who.ts";
import { exampleDraft, exampleIds } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { findRecord, maxRecordId, readRecord } from "../quarantine/routes.ts";
import { route } from "../route.ts";

/** Limits of one question: records, bytes of them together, and bytes of a body that is sent. */
const limits = { records: 100, bytes: 32 * 1024 * 1024, bodyBytes: 1024 * 1024, answerBytes: 4 * 1024 * 1024 };

/** Leaves of a report that are shown, characters of a text, and values of a path. */
const shownLimits = { leaves: 2000, characters: 256, values: 50 };

const recordIds = z
  .array(z.string().min(1).max(maxRecordId))
  .min(1)
  .max(limits.records)
  .meta({ description: `Ids of kept reports, \`qrt_…\`, ${limits.records} at most.` });

const recordFaults = { 404: "A record is not there; it may have been replayed." };

/** A mapping to be tried, also as it was read: then with members that are no part of it. */
const draft = z.preprocess((sent: unknown) => {
  if (!isObject(sent)) return sent;
  const { id: _, rev: __, today: ___, lastAt: ____, isExact: _____, ...mapping } = sent;
  return mapping;
}, mappingSchema());

/** Reads kept reports one after the other, each in a turn of the event loop. Throws 404 and 413. */
async function* readRecords(ids: readonly string[], deps: ApiPorts): AsyncGenerator<Omit<QuarantineRecord, "event">> {
  let bytes = 0;
  for (const id of new Set(ids)) {
    const record = await readRecord(id, deps);
    if (record === null) throw new GatepostError("not-found", `there is no record ${id}; it may have been replayed`);
    bytes += record.body.length;
    if (bytes > limits.bytes)
      throw new GatepostError("too-large", `these records have over ${limits.bytes / 1024 / 1024} MB: choose fewer`);
    await nextTurn();
    yield record;
  }
}

/** The word that tells reports of this form from others, else the name of their list; null if there is neither. */
function formName({ each, when }: { each?: string; when: Mapping["when"] }): string | null {
  const word = Object.values(when.is ?? {}).find((value) => typeof value === "string");
  return word ?? (each === undefined ? null : String(stepsOfPath(each).at(-1)));
}

/** Suggests a mapping for bodies. Other requests have their turns meanwhile. */
async function suggestInTurns(bodies: readonly KeptBody[]) {
  const steps = suggest(bodies);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await nextTurn();
  }
}

const suggestMapping = route({
  method: "POST",
  path: "/v1/mappings/suggest",
  who: administratorsAlone,
  about: {
    summary: "Suggest a mapping for kept reports",
    detail:
      "By the names and values of their members: times, pictures, names, ids, directions, scores. Nothing is suggested that is not " +
      "in all of the reports that are passings. Try it, correct it, and save it. Nothing is stored.",
    answer: {
      status: 200,
      is: "A draft, as `POST /v1/mappings` takes it. It may lack something, even its conditions.",
      schema: z.object({ mapping: z.object({ name: z.string(), box: z.string().nullable() }).loose() }),
    },
    others: recordFaults,
    example: { body: { records: [exampleIds.record] } },
  },
  asks: { body: z.strictObject({ records: recordIds }) },
  async answer({ body: { records } }, deps) {
    const boxes = new Set<string>();
    const bodies: KeptBody[] = [];
    for await (const record of readRecords(records, deps)) {
      const { values } = await deps.decoded(record);
      boxes.add(record.box);
      // Some reports of a batch say as much as all.
      bodies.push(...values.slice(0, limits.records).map((value) => ({ value, receivedAt: record.receivedAt })));
    }
    if (bodies.length === 0)
      throw new GatepostError("bad-request", "records: none of them can be read, so that no value has a place");
    const [first = null, ...others] = boxes;
    const suggested = await suggestInTurns(bodies);
    const name = formName(suggested) ?? first ?? "";
    return Response.json({ mapping: { name, box: others.length === 0 ? first : null, ...suggested } });
  },
});

const outcome = z.union([
  z.object({ is: z.literal("event"), event: shownEvent }),
  z.object({ is: z.literal("sign"), sign: z.string() }),
  z.object({
    is: z.literal("none"),
    reason: z.string(),
    member: z.string().nullable(),
    path: z.string().nullable(),
    found: z.string().nullable(),
    may: z.string(),
  }),
]);

const tryMapping = route({
  method: "POST",
  path: "/v1/mappings/try",
  who: administratorsAlone,
  about: {
    summary: "Try a mapping on kept reports, or on a body",
    detail:
      "Each report is read as if this were the only mapping; one that a dialect knows is read by that. Nothing is stored. " +
      "`none` says which `member` of the mapping does not fit, its `path`, the value that was `found` there, and what `may` be there. " +
      "A value that does not fit its field is a flag of the event, as `field-unreadable:record.verifyTime`.",
    answer: {
      status: 200,
      is: "What each report becomes: an event, as `GET /v1/events/{id}` gives it, a sign of life, or nothing.",
      schema: z.object({
        results: z.array(z.object({ record: z.string().nullable(), outcomes: z.array(outcome) })),
      }),
    },
    others: recordFaults,
    example: { body: { mapping: exampleDraft, records: [exampleIds.record] } },
  },
  // A body of 1 MB may have twice as many bytes as a JSON text.
  maxBodyBytes: 3 * limits.bodyBytes,
  asks: {
    body: z
      .strictObject({
        mapping: draft,
        records: recordIds.exactOptional(),
        body: z
          .string()
          .refine((text) => Buffer.byteLength(text) <= limits.bodyBytes, "may have 1 MB")
          .meta({ description: "A body as text, instead of records." })
          .exactOptional(),
        box: boxText
          .meta({ description: "The box that sends the body. Absent: the box of the mapping." })
          .exactOptional(),
      })
      .refine(({ records, body }) => (records === undefined) !== (body === undefined), "give `records` or `body`"),
  },
  async answer({ body: { mapping: sent, records = [], body, box = sent.box } }, deps) {
    const mapping: Mapping = { ...sent, id: "map_tried" };
    const results: { record: string | null; outcomes: object[] }[] = [];
    if (body !== undefined) {
      if (box === null) throw new GatepostError("bad-request", "box: name the box that sends the body");
      const headers = {};
      const given = { box, path: "/HistoryEvent", headers, receivedAt: deps.clock(), body: Buffer.from(body) };
      results.push({ record: null, outcomes: await outcomesOf(given, mapping, deps) });
    }
    for await (const record of readRecords(records, deps))
      results.push({ record: record.id, outcomes: await outcomesOf(record, mapping, deps) });
    const answer = JSON.stringify({ results });
    if (Buffer.byteLength(answer) > limits.answerBytes)
      throw new GatepostError("too-large", "the events are too long for an answer: try fewer reports at once");
    return new Response(answer, { headers: { "content-type": "application/json" } });
  },
});

/** The outcomes of the reports of a body. Pictures of a kept one are links to it; others are in the answer. */
async function outcomesOf(sent: TaughtBody & { id?: string }, mapping: Mapping, deps: ApiPorts): Promise<object[]> {
  if (mapping.box !== null && mapping.box !== sent.box) {
    return [
      none("box", { member: "box", path: null, found: sent.box, may: `must be ${mapping.box}, or null for every box` }),
    ];
  }
  const tried = await deps.tryMapping(sent, mapping);
  const { id } = sent;
  const hasPictures = tried.some((one) => "passing" in one && one.passing.pictures.size > 0);
  const hrefs = id === undefined || !hasPictures ? null : picturesOf(id, (await deps.decoded(sent)).values);
  return Promise.all(tried.map((one) => outcomeOf(one, { box: sent.box, mapping, hrefs, deps })));
}

function none(
  reason: string,
  unmet: { member: string | null; path: string | null; found: string | null; may: string },
) {
  return { is: "none", reason, ...unmet };
}

async function outcomeOf(
  tried: TriedReport,
  { box, mapping, hrefs, deps }: { box: string; mapping: Mapping; hrefs: Map<string, string> | null; deps: ApiPorts },
): Promise<object> {
  if ("sign" in tried) return { is: "sign", sign: tried.sign };
  if ("unreadable" in tried) return whyNot(tried, mapping);
  const { eventId, report, pictures } = tried.passing;
  const stored: StoredEvent = { id: eventId, box, isSecondFace: false, reports: [report], actions: [] };
  const [event] = await shownEvents([stored], deps);
  const shown = Object.entries(event?.pictures ?? {}).map(([kind, picture]) => {
    const data = [...pictures].find(([one]) => one === kind)?.[1].data;
    const inline = `data:${picture.contentType};base64,${data?.toString("base64")}`;
    return [kind, { ...picture, href: hrefs?.get(picture.sha256) ?? inline }];
  });
  return { is: "event", event: { ...event, pictures: Object.fromEntries(shown) } };
}

function whyNot({ unreadable, value }: { unreadable: string; value: Json }, mapping: Mapping): object {
  if (!isOfUnknownShape(unreadable)) {
    return none(unreadable, { member: null, path: null, found: null, may: "the body must be one that can be read" });
  }
  const [report = null] = reportsIn(value, mapping.each);
  const unmet = listUnmet(value, mapping) ?? unmetBy(report, mapping.when);
  return none("condition", unmet ?? { member: "when", path: null, found: null, may: "must fit the whole report" });
}

/** The hrefs of the pictures in a kept report, by their hashes. */
function picturesOf(id: string, values: readonly JsonObject[]): Map<string, string> {
  const root: Json = values.length === 1 ? (values[0] ?? null) : [...values];
  const pictures = leavesOf(root, shownLimits.leaves).leaves.flatMap(({ path, value }) => {
    const picture = typeof value === "string" && isPictureText(value) ? decodePicture(value) : null;
    return picture === null ? [] : [[picture.sha256, hrefOf(id, path)] as const];
  });
  return new Map(pictures.reverse());
}

function hrefOf(id: string, path: string): string {
  return `/v1/quarantine/${id}/pictures/${pathPart(path)}`;
}

const mayAnswer = namedObject("PossibleField", {
  field: z.string(),
  as: z
    .enum(["auto", ...layouts])
    .meta(documentedLayout())
    .exactOptional(),
  time: z.iso.datetime().exactOptional(),
  of: z.number().exactOptional(),
});

const getRecordValues = route({
  method: "GET",
  path: "/v1/quarantine/:id/values",
  who: administratorsAlone,
  about: {
    summary: "List the values of a kept report, and what they may be",
    detail:
      `The values as they are read, in their order, with their paths as mappings name them; ${shownLimits.leaves} at most, and texts up to ` +
      `${shownLimits.characters} characters. \`may\` has the fields that a value may be, the likeliest first, with the time that it would be. ` +
      "Of a body with several reports, the values of the first.",
    answer: {
      status: 200,
      is: "The values. `isCut`: there are more.",
      schema: z.object({
        values: z.array(
          z.object({
            path: z.string(),
            value: z.union([z.string(), z.number(), z.boolean()]),
            isCut: z.literal(true).exactOptional(),
            picture: z.object({ bytes: z.int(), href: z.string() }).exactOptional(),
            may: z.array(mayAnswer),
          }),
        ),
        isCut: z.boolean(),
      }),
    },
    example: { path: { id: exampleIds.record } },
  },
  asks: { path: z.object({ id: z.string().meta({ description: "`qrt_…`" }) }) },
  async answer({ path: { id } }, deps) {
    const record = await findRecord(id, deps);
    const { values, zone } = await deps.decoded(record);
    const [first = {}, ...others] = values;
    const { leaves, isCut } = leavesOf(first, shownLimits.leaves);
    const received = { receivedAt: record.receivedAt, zone };
    const shown = leaves.map((leaf) => {
      const { path, value } = leaf;
      const text = typeof value === "string" ? value : "";
      const isLong = text.length > shownLimits.characters;
      const picture = isPictureText(text) ? decodePicture(text) : null;
      const at = others.length === 0 ? path : pathOf([0, ...leaf.steps]);
      return {
        path,
        value: isLong ? text.slice(0, shownLimits.characters).toWellFormed() : value,
        isCut: isLong || undefined,
        picture: picture ? { bytes: picture.bytes, href: hrefOf(id, at) } : undefined,
        may: mayBe(leaf, received).map(shownMeaning),
      };
    });
    return Response.json({ values: shown, isCut: isCut || others.length > 0 });
  },
});

function shownMeaning({ field, as, time, of }: Meaning) {
  return { field, ...omitAbsent({ as, time: instantOrNull(time), of }) };
}

const pathText = z.string().refine(isPath, 'must be a path as record.items[0]["a.b"]');

const listValues = route({
  method: "GET",
  path: "/v1/mappings/values",
  who: administratorsAlone,
  about: {
    summary: "Count the values at a path of kept reports",
    answer: {
      status: 200,
      is: `The values as text, the most frequent first, ${shownLimits.values} at most. \`reports\` is how many reports were looked at.`,
      schema: z.object({
        values: z.array(z.object({ value: z.string(), count: z.int() })),
        reports: z.int(),
      }),
    },
    others: recordFaults,
    example: { query: { records: exampleIds.record, path: "ext_data.person_type" } },
  },
  asks: {
    query: z.object({
      records: z
        .string()
        .refine(
          (ids) => recordIds.safeParse(ids.split(",")).success,
          `must be up to ${limits.records} ids, as qrt_1,qrt_2`,
        )
        .meta({ description: `Ids of kept reports, separated by commas, ${limits.records} at most.` }),
      path: pathText.meta({ description: "As `record.identity`." }),
      each: pathText.meta({ description: "The list of which each element is a report." }).exactOptional(),
    }),
  },
  async answer({ query: { records, path, each } }, deps) {
    const steps = stepsOfPath(path);
    const counts = new Map<string, number>();
    let reports = 0;
    for await (const record of readRecords(records.split(","), deps)) {
      for (const report of (await deps.decoded(record)).values.flatMap((value) => reportsIn(value, each))) {
        reports += 1;
        const text = shownValue(sentOn(report, steps));
        if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
    const values = [...counts].map(([value, count]) => ({ value, count })).toSorted((a, b) => b.count - a.count);
    return Response.json({ values: values.slice(0, shownLimits.values), reports });
  },
});

function reportsIn(value: Json, each: string | undefined): Json[] {
  const list = each === undefined ? [value] : elementsOf(value, stepsOfPath(each));
  return list.filter((report) => typeof report === "object" && report !== null);
}

export const teachingRoutes = [suggestMapping, tryMapping, listValues, getRecordValues];
