import { isUtf8 } from "node:buffer";
import { GatepostError, type QuarantineRecord } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { exampleRecord } from "../openapi/examples.ts";
import type { ApiPorts } from "../ports/api-ports.ts";
import { fold, lookThrough } from "../quarantine/folded.ts";
import { readers, route } from "../route.ts";

export const recordPath = z.object({ id: z.string().meta({ description: "`qrt_…`" }) });

export const recordAnswer = z.object({
  id: z.string(),
  box: z.string(),
  path: z.string(),
  reason: z.string(),
  receivedAt: z.iso.datetime(),
  headers: z.record(z.string(), z.string()),
  event: z.object({ id: z.string() }).nullable(),
  bytes: z.int(),
});

/** Bytes of an answer that Lambda gives: 6 MB, and base64 makes four of three. */
const maxAnswerBytes = 4 * 1024 * 1024;

export const getRecord = route({
  method: "GET",
  path: "/v1/quarantine/:id",
  scopes: readers,
  about: {
    summary: "Get one report that could not be understood",
    detail:
      "`body` is what came, as text; where it is none, `bodyBase64` stands in its place. On AWS, where the answer would " +
      "be over 4 MB, `bodyLink` does: a URL that gives the bytes without a key for five minutes. With `fold=1` each picture " +
      'in base64 is `{"$picture":{"path","bytes","href"}}` in the text of the body, and of what is left the first 256 KB are ' +
      "given; `isCut` says whether that is all. `fault` says where the body stops to be JSON, or which picture cannot be read.",
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
      example: { ...exampleRecord, body: "{…}", isCut: false, fault: { byte: 204, path: "reg_pic", isTorn: false } },
    },
    example: { path: { id: exampleRecord.id }, query: { fold: "1" } },
  },
  asks: {
    path: recordPath,
    query: z.object({
      fold: z.literal("1", "must be 1").meta({ description: "`1`: with pictures as links." }).exactOptional(),
    }),
    body: noBody,
  },
  async answer({ path, query, caller }, deps) {
    const record = await findRecord(path.id, deps);
    const { pictures, fault } = await lookThrough(record);
    const given = picturesGiven(pictures.length, query.fold !== undefined);
    if (given > 0) await deps.audit.countPictures(caller.key.id, given);
    if (query.fold !== undefined) return json(JSON.stringify(answerOf(record, { ...fold(record, pictures), fault })));
    const answer = JSON.stringify(answerOf(record, { ...contentOf(record), fault }));
    const { quarantineLinks: links } = deps;
    if (links === null || Buffer.byteLength(answer) <= maxAnswerBytes) return json(answer);
    return json(JSON.stringify(answerOf(record, { bodyLink: await links.link(record), fault })));
  },
});

export async function findRecord(id: string, { quarantine }: ApiPorts): Promise<QuarantineRecord> {
  const record = await quarantine.get(id);
  if (record === null) throw noSuchRecord();
  return record;
}

export function noSuchRecord(): GatepostError {
  return new GatepostError("not-found", "there is no such record; it may have been replayed");
}

/**
 * How many pictures an answer shows. A body without a found picture counts as one: its pictures may be in another form.
 */
function picturesGiven(found: number, isFolded: boolean): number {
  return isFolded && found > 0 ? 0 : Math.max(1, found);
}

function contentOf({ body }: QuarantineRecord) {
  const content = Buffer.from(body);
  return isUtf8(content) ? { body: content.toString() } : { bodyBase64: content.toString("base64") };
}

function answerOf({ body, ...record }: QuarantineRecord, content: object) {
  return { ...shown(record), bytes: body.length, ...content };
}

function json(text: string): Response {
  return new Response(text, { headers: { "content-type": "application/json" } });
}

export function shown({ receivedAt, event, ...record }: Omit<QuarantineRecord, "body">) {
  return { ...record, receivedAt: new Date(receivedAt).toISOString(), event: event && { id: event.id } };
}
