import { parentPort } from "node:worker_threads";
import { mappedReaderOf } from "@gatepost/protocol";
import { Body, type ReadingHere, readHere, type Understood } from "@gatepost/receive";
import { terminalForms } from "@gatepost/receive/terminals";
import { collectGarbage, collectingGarbage } from "./garbage.ts";
import type { BodyReply, FromThread, Opening, Question, ToThread } from "./messages.ts";

/* Reads large bodies. It answers one question after the other. */

/** Most reports of one answer, and about so many bytes as JSON without their pictures. */
const maxReports = 100;
const maxReportBytes = 512 * 1024;

/** Reading so many bytes leaves much memory behind. */
const muchBytes = 8 * 1024 * 1024;

interface Open {
  reading: ReadingHere;
  /** The memory of the body as it was sent. */
  sent: ArrayBufferLike;
  /** The reports of the last answer. */
  reports: Understood[];
}

const bodies = new Map<number, Open>();
/** Bodies that were closed while they were being opened. */
const closed = new Set<number>();

const send = (message: FromThread, memory: readonly ArrayBuffer[] = []) => parentPort?.postMessage(message, memory);

async function open(body: number, { bytes, origin: from, as, keepFeatures, maxShare }: Opening): Promise<BodyReply> {
  // The origin goes back with each report.
  const { mappings = [], ...origin } = from;
  const take = (room: number) => {
    if (closed.has(body)) throw new Error("the body was closed");
    send({ body, room });
  };
  const held = { take, give: (room: number) => take(-room), isBeyond: (room: number) => room > maxShare };
  const sent = new Body(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const reading = await readHere(sent, origin, {
    held,
    as,
    settings: { keepFeatures },
    forms: terminalForms,
    zone: async () => origin.zone ?? null,
    mappings: async () => mappings.map(mappedReaderOf),
  });
  bodies.set(body, { reading, sent: bytes.buffer, reports: [] });
  const { unreadable, keep, reports } = reading;
  return { opened: { unreadable, keep, bytes: reading.bytes, reports } };
}

async function next(of: Open): Promise<BodyReply> {
  of.reports = [];
  for (let bytes = 0; of.reports.length < maxReports && bytes < maxReportBytes; ) {
    const report = await of.reading.one();
    if (report === null) break;
    of.reports.push(report);
    bytes += JSON.stringify(
      "passing" in report.understood ? report.understood.passing.report : report.understood,
    ).length;
  }
  return {
    reports: of.reports.map(({ origin, values, understood, reason, answer, mapping }) => ({
      origin,
      values,
      understood,
      reason,
      answer,
      mapping,
    })),
  };
}

async function answerTo(body: number, question: Question): Promise<BodyReply> {
  if ("open" in question) return open(body, question.open);
  const openBody = bodies.get(body);
  if (openBody === undefined) throw new Error("the body is not open");
  if ("next" in question) return next(openBody);
  if ("utf8" in question) return { bytes: apart(await openBody.reading.utf8(), openBody) };
  if ("list" in question) return { bytes: await openBody.reading.list(question.list.from, question.list.to) };
  if ("whole" in question) {
    const { bytes, headers } = await openBody.reading.whole(question.whole);
    return { bytes: apart(bytes, openBody), headers };
  }
  const report = openBody.reports["kept" in question ? question.kept : question.source];
  if (report === undefined) throw new Error("the report is not one of the last answer");
  if ("source" in question) return { bytes: apart(await report.source(), openBody) };
  const kept = await report.kept();
  return { ...kept, bytes: apart(kept.bytes, openBody) };
}

/** Bytes whose memory the answer may take away: further questions may need the body itself. */
function apart(bytes: Uint8Array, { sent }: Open): Uint8Array {
  return bytes.buffer === sent || bytes.byteLength < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes;
}

/** The memory of an answer, which becomes the memory of the thread that asked: a copy of it would keep that busy. */
function memoryOf(answer: BodyReply): ArrayBuffer[] {
  if ("opened" in answer) return [];
  const pictures =
    "reports" in answer ? answer.reports.flatMap(({ understood }) => picturesOf(understood)) : [answer.bytes];
  const whole = pictures.filter(({ buffer, byteLength }) => buffer.byteLength === byteLength);
  return [...new Set(whole.map(({ buffer }) => buffer))].filter((buffer) => buffer instanceof ArrayBuffer);
}

function picturesOf(understood: Understood["understood"]): Uint8Array[] {
  return "passing" in understood ? [...understood.passing.pictures.values()].map(({ data }) => data) : [];
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

async function handle(message: { body: number } & Question): Promise<void> {
  const { body } = message;
  const before = cpuMs();
  try {
    const answer = await collectingGarbage(() => answerTo(body, message));
    send({ body, answer, cpuMs: cpuMs() - before }, memoryOf(answer));
  } catch (error) {
    send({ body, error, cpuMs: cpuMs() - before });
  }
  // The texts of a large body are not needed any more once its values are known.
  const isLong = !("next" in message || "source" in message || "kept" in message);
  if (isLong && Number(bodies.get(body)?.reading.bytes) > muchBytes) collectGarbage();
}

function close(body: number): void {
  const open = bodies.get(body);
  const bytes = open?.reading.bytes ?? 0;
  if (open?.sent instanceof ArrayBuffer) open.sent.transfer(0);
  bodies.delete(body);
  closed.delete(body);
  if (bytes > muchBytes) collectGarbage();
}

let queue = Promise.resolve();
parentPort?.on("message", (message: ToThread) => {
  if ("close" in message) {
    closed.add(message.body);
    queue = queue.then(() => close(message.body));
  } else queue = queue.then(() => handle(message));
});
