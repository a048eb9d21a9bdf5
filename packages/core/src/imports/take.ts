import { createHash } from "node:crypto";
import {
  mappingId,
  omitAbsent,
  omitEmpty,
  type Picture,
  parseStored,
  type Report,
  reportSchema,
} from "@gatepost/protocol";
import { newRecord } from "../boxes/record.ts";
import { GatepostError } from "../errors/errors.ts";
import type { EventReader } from "../events/reader.ts";
import type { QuarantineRecord, RecordShape } from "../quarantine/ports.ts";
import type { ImportedEvent, ImportPorts } from "./ports.ts";
import { type Imported, lastTime, type Taken } from "./schema.ts";
import { heldEvents, takeEvent } from "./take-event.ts";

interface Deps {
  ports: ImportPorts;
  events: Pick<EventReader, "getAll">;
  /** The shape that a kept report was given when it was delivered; null for any other record. */
  shapeOf(record: QuarantineRecord): Promise<RecordShape | null>;
  clock(): number;
}

/** Events that are written at the same time. */
const concurrency = 10;

/** Takes the content of one request. When it resolves, all of it is durable. */
export async function take(sent: Imported, deps: Deps): Promise<Taken> {
  const { ports } = deps;
  if ("events" in sent) return { taken: await takeEvents(sent.events, deps), held: [] };
  if ("compare" in sent) return { taken: [], held: await heldEvents(sent.compare, deps) };
  if ("picture" in sent) return { taken: [await takePicture(sent.picture, ports)], held: [] };
  if ("erasures" in sent) {
    const { secret, erased } = sent.erasures;
    const isTaken = await ports.putErasures(Buffer.from(secret, "base64"), erased);
    return { taken: [{ id: "erasures", outcome: isTaken ? "put" : "other-secret" }], held: [] };
  }
  if ("record" in sent) return { taken: [await takeRecord(sent.record, deps)], held: [] };
  if ("replay" in sent) return { taken: [await takeReplay(sent.replay, deps)], held: [] };
  return { taken: await takeOther(sent, ports), held: [] };
}

type Other = Extract<
  Imported,
  { keys: unknown } | { boxes: unknown } | { sites: unknown } | { mappings: unknown } | { statuses: unknown }
>;

async function takeOther(sent: Other, ports: ImportPorts): Promise<Taken["taken"]> {
  if ("keys" in sent) return takeEach(sent.keys, async (key) => [key.id, await ports.putKey(key)]);
  if ("boxes" in sent) return takeEach(sent.boxes, async (box) => [box.box, await takeBox(box, ports)]);
  if ("sites" in sent)
    return takeEach(sent.sites, async ({ id, ...site }) => {
      await ports.sites.put(id, site);
      return [id, "put"];
    });
  if ("mappings" in sent)
    return takeEach(sent.mappings, async ({ id: sentId, ...mapping }) => {
      const id = mappingId().safeParse(sentId).data;
      if (id === undefined) throw new GatepostError("bad-request", "mappings: each must have its id, as map_1f");
      await ports.mappings.take({ ...mapping, id });
      return [id, "put"];
    });
  return takeEach(sent.statuses, async (status) => {
    await ports.boxStatus.put(status);
    return [status.box, "put"];
  });
}

type SentRecord = Extract<Imported, { record: unknown }>["record"];

async function takeRecord(sent: SentRecord, { ports, shapeOf }: Deps): Promise<Taken["taken"][number]> {
  const record = { ...sent, body: Buffer.from(sent.body, "base64") };
  const shape = await shapeOf(record);
  await ports.quarantine.put({ ...record, ...omitAbsent({ shape }) });
  return { id: record.id, outcome: "put" };
}

type SentReplay = Extract<Imported, { replay: unknown }>["replay"];

/** The record is set aside last, as in a replay. */
async function takeReplay({ record, ...replay }: SentReplay, deps: Deps): Promise<Taken["taken"][number]> {
  const { replayed, quarantine } = deps.ports;
  await replayed.take(replay);
  if (record !== null) {
    const { id } = await takeRecord(record, deps);
    await quarantine.setAside(id, { events: [], until: replay.until });
  }
  return { id: replay.id, outcome: "put" };
}

/** Takes one after the other. Each has an id and an outcome. */
async function takeEach<Thing>(
  things: readonly Thing[],
  takeOne: (thing: Thing) => Promise<[id: string, outcome: Taken["taken"][number]["outcome"]]>,
): Promise<Taken["taken"]> {
  const taken: Taken["taken"] = [];
  for (const thing of things) {
    const [id, outcome] = await takeOne(thing);
    taken.push({ id, outcome });
  }
  return taken;
}

async function takeEvents(events: Extract<Imported, { events: unknown }>["events"], { ports, clock }: Deps) {
  const read = events.map((event): ImportedEvent => ({ ...event, reports: event.reports.map(readReport) }));
  const taken: Taken["taken"] = [];
  for (let from = 0; from < read.length; from += concurrency) {
    const some = read.slice(from, from + concurrency);
    const done = await Promise.all(some.map((event) => takeEvent(event, ports, clock())));
    for (const [index, { outcome, missing }] of done.entries()) {
      taken.push({ id: some[index]?.id ?? "", outcome, ...omitEmpty({ missing }) });
    }
  }
  return taken;
}

/** Throws GatepostError bad-request where it is not a report. */
function readReport({
  report,
  fingerprint,
}: {
  report: unknown;
  fingerprint: string;
}): ImportedEvent["reports"][number] {
  return { report: inTime(parsedReport(report)), fingerprint };
}

function parsedReport(report: unknown): Report {
  try {
    return parseStored(reportSchema, report, "a report");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "a report is none";
    throw new GatepostError("bad-request", `events: ${why}`, { cause });
  }
}

/** Throws if a time of a report cannot be shown: pages with its event could not be read any more. */
function inTime(report: Report): Report {
  const { receivedAt, time = 0, enteredAt = 0, leftAt = 0 } = report;
  if (receivedAt >= 0 && [receivedAt, time, enteredAt, leftAt].every((ms) => Math.abs(ms) <= lastTime)) return report;
  throw new GatepostError(
    "bad-request",
    "events: each time of a report must be in ms since 1970, before the year 10000",
  );
}

async function takePicture(
  { data: text, eventId: event, ...of }: Extract<Imported, { picture: unknown }>["picture"],
  ports: ImportPorts,
): Promise<Taken["taken"][number]> {
  const data = Buffer.from(text, "base64");
  if (data.length === 0 || createHash("sha256").update(data).digest("hex") !== of.sha256)
    throw new GatepostError("bad-request", "picture.data: must be the bytes of which picture.sha256 is the hash");
  const contentType = data[0] === 0xff && data[1] === 0xd8 ? "image/jpeg" : "image/png";
  const picture: Picture = { data, contentType, bytes: data.length, sha256: of.sha256 };
  const { data: _, ...facts } = picture;
  await ports.pictures.put({ ...facts, ...of, event }, picture);
  return { id: of.sha256, outcome: "put" };
}

type SentBox = Extract<Imported, { boxes: unknown }>["boxes"][number];

/** Tries to write a record that others write at the same time. */
const maxTries = 10;

/**
 * Takes over the settings of a box, and whether its silence is announced already, so that it is not announced again.
 */
async function takeBox(sent: SentBox, { boxes }: ImportPorts): Promise<"put"> {
  const { box, silentSince, ...settings } = sent;
  for (let tried = 0; tried < maxTries; tried++) {
    const { record, rev } = (await boxes.get(box)) ?? { record: newRecord(box), rev: 0 };
    const lookAt = silentSince === null ? record.lookAt : null;
    if (await boxes.put({ rev, record: { ...record, ...settings, silentSince, lookAt } })) return "put";
  }
  throw new Error("the record of a box was changed by others between all tries to write it");
}
