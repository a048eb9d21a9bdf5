import { setTimeout as pause } from "node:timers/promises";
import { GatepostError } from "@gatepost/core/errors";
import { type FaceEvent, locatePicture, pictureKinds, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { requirePeople } from "../access/people-on.ts";
import { isTable } from "../jobs/drop-exports.ts";
import type { EventsRequest, ExportRequest, Job } from "../jobs/job.ts";
import { refuseWithoutRoom } from "../jobs/results.ts";
import type { JobDeps, SliceLimits } from "../ports.ts";
import { csvHead } from "./csv.ts";
import { Pages, sourceOf, titlesOf } from "./lines.ts";
import { type Exported, exportFile } from "./link.ts";
import { maxRows, packedPiece, sheetHead, type Written, workbookEnd, workbookHead } from "./xlsx.ts";
import { type ZipEntry, zipCrc, zipEnd, zipHead, zipLine, zipTail } from "./zip.ts";

/** Bytes of a result at most, and of the table in a zip file, whose size is stored in 32 bits. */
const maxBytes = 10 * 1024 ** 3;
const maxTableBytes = 0xffff_ffff;

/** Events in memory at the same time while their pictures are read, because each may have 5 MB. */
const picturePageSize = 20;

/** Events whose pictures one slice takes at most: each picture is a call of the bucket. */
const maxPictureEvents = 500;

/**
 * The progress of an export. First everything is counted, so that an export that is too large is refused before it
 * writes. Then it writes the table, and in a zip file the pictures and the directory.
 */
const progress = z.object({
  phase: z.enum(["count", "table", "pictures", "directory", "finish"]),
  cursor: z.string().nullable(),
  /** Bytes that were counted or written. */
  bytes: z.number(),
  tableBytes: z.number(),
  tableCrc: z.number(),
  /** Bytes of the table of a workbook in the file, where it is compressed. */
  packedBytes: z.number().default(0),
  /** Rows of the table so far. */
  rows: z.int().default(0),
  /** For a zip file: the pictures so far, and the notes that contain its directory. */
  entries: z.int(),
  notes: z.int(),
  /** About how many bytes the result will have. */
  expected: z.number(),
  /** What the store of exports has. */
  file: z.record(z.string(), z.unknown()).nullable(),
});
type Progress = z.output<typeof progress>;

const begun: Progress = {
  phase: "count",
  cursor: null,
  bytes: 0,
  tableBytes: 0,
  tableCrc: 0,
  packedBytes: 0,
  rows: 0,
  entries: 0,
  notes: 0,
  expected: 0,
  file: null,
};

/** One slice of an export, and what it is of. */
interface Slice {
  job: Job;
  asked: ExportRequest;
  before: Progress;
  deps: JobDeps;
  limits: SliceLimits;
}

const slices: Record<Progress["phase"], (slice: Slice) => Promise<Job>> = {
  count: countSlice,
  table: tableSlice,
  pictures: picturesSlice,
  directory: directorySlice,
  finish: finishSlice,
};

/** ms after which a new export looks again whether it is in the list of jobs. */
const listedEveryMs = 100;

/**
 * One slice of an export. Throws GatepostError too-large if the result would be too large.
 *
 * An erasure ends the exports that the list of jobs has. So an export reads nothing until the list has it: a later
 * erasure finds it, and the data of an earlier one are gone.
 */
export async function exportSlice(job: Job, asked: ExportRequest, deps: JobDeps, limits: SliceLimits): Promise<Job> {
  if (job.progress === null) {
    if (!(await deps.jobs.store.isListed(job))) {
      await pause(listedEveryMs);
      return job;
    }
    if (isTable(asked)) await requirePeople(deps);
  }
  const before = job.progress === null ? begun : progress.parse(job.progress);
  return slices[before.phase]({ job, asked, before, deps, limits });
}

async function countSlice({ job, asked, before, deps, limits }: Slice): Promise<Job> {
  const source = sourceOf(asked, { cursor: before.cursor, rows: job.of }, { ...deps, bytesOf: pictureBytes });
  let { bytes, tableBytes } = before;
  for await (const lines of source.take(limits.events)) {
    tableBytes += Buffer.byteLength(lines.text);
    bytes += lines.pictureBytes;
  }
  const expected = bytes + tableBytes;
  const of = job.of + source.count;
  refuseBeyond({ bytes: expected, tableBytes: isInZip(asked) ? tableBytes : 0, rows: isWorkbook(asked) ? of : 0 });
  if (source.isEnd) await refuseWithoutRoom(job, expected, deps);
  const counted = { ...before, bytes, tableBytes, cursor: source.cursor };
  return { ...job, of, progress: source.isEnd ? { ...begun, phase: "table", expected } : counted };
}

const isWorkbook = ({ format }: ExportRequest) => format === "xlsx";
const isInZip = ({ format }: ExportRequest) => format === "zip" || format === "xlsx";

function refuseBeyond({ bytes, tableBytes, rows }: { bytes: number; tableBytes: number; rows: number }): void {
  if (rows > maxRows) {
    throw new GatepostError("too-large", "the result would have over 1,048,575 rows; ask for less, or for csv");
  }
  if (bytes <= maxBytes && tableBytes <= maxTableBytes) return;
  throw new GatepostError("too-large", "the result would be too large: over 10 GB; ask for less by from and to");
}

function tableSlice(slice: Slice): Promise<Job> {
  return isWorkbook(slice.asked) ? workbookSlice(slice) : textSlice(slice);
}

async function textSlice({ job, asked, before, deps, limits }: Slice): Promise<Job> {
  const source = sourceOf(asked, { cursor: before.cursor, rows: before.rows }, { ...deps, bytesOf: pictureBytes });
  const isZip = asked.format === "zip";
  const after = { ...before };
  const counted = (bytes: Buffer): Buffer => {
    after.bytes += bytes.length;
    return bytes;
  };
  const line = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    after.tableBytes += bytes.length;
    if (isZip) after.tableCrc = zipCrc(bytes, after.tableCrc);
    return counted(bytes);
  };
  async function* written(): AsyncGenerator<Buffer> {
    if (before.file === null) {
      if (isZip) yield counted(zipHead({ ...table, crc: 0, bytes: 0 }));
      if (asked.format !== "ndjson") yield line(csvHead(titlesOf(asked)));
    }
    for await (const { text } of source.take(limits.events)) yield line(text);
    if (isZip && source.isEnd) yield counted(zipTail({ crc: after.tableCrc, bytes: after.tableBytes }));
  }
  const file = await deps.jobs.exports.append(job.id, written(), before.file);
  const done = isZip ? job.done : job.done + source.count;
  const phase = source.isEnd ? (isZip ? "pictures" : "finish") : "table";
  return { ...job, done, progress: { ...after, phase, rows: before.rows + source.count, cursor: source.cursor, file } };
}

async function workbookSlice({ job, asked, before, deps, limits }: Slice): Promise<Job> {
  const source = sourceOf(asked, { cursor: before.cursor, rows: before.rows }, { ...deps, bytesOf: pictureBytes });
  const { bytes, tableBytes, packedBytes, tableCrc } = before;
  let written: Written = { bytes, tableBytes, packedBytes, tableCrc };
  const packed = (text: string): Buffer => {
    const { data, after } = packedPiece(text, written);
    written = after;
    return data;
  };
  async function* pieces(): AsyncGenerator<Buffer> {
    if (before.file === null) {
      const head = workbookHead();
      written = { ...written, bytes: head.length };
      yield head;
      yield packed(sheetHead(titlesOf(asked)));
    }
    for await (const { text } of source.take(limits.events)) yield packed(text);
    if (source.isEnd) {
      const end = workbookEnd(written);
      written = { ...written, bytes: written.bytes + end.length };
      yield end;
    }
  }
  const file = await deps.jobs.exports.append(job.id, pieces(), before.file);
  const phase = source.isEnd ? "finish" : "table";
  const rows = before.rows + source.count;
  const progressed = { ...before, ...written, phase, rows, cursor: source.cursor, file };
  return { ...job, done: job.done + source.count, progress: progressed };
}

async function picturesSlice({ job, asked, before, deps, limits }: Slice): Promise<Job> {
  // Only events are exported with pictures.
  const pages = new Pages(asked as EventsRequest, before.cursor, deps);
  const entries: ZipEntry[] = [];
  let { bytes } = before;
  async function* written(): AsyncGenerator<Buffer> {
    for await (const page of pages.take(picturePageSize, Math.min(limits.events, maxPictureEvents))) {
      for (const event of page) {
        for await (const { name, data } of picturesOf(event, deps)) {
          const entry = { name, crc: zipCrc(data), bytes: data.length, offset: bytes, isStreamed: false };
          const head = zipHead(entry);
          entries.push(entry);
          bytes += head.length + data.length;
          yield head;
          yield data;
        }
      }
      if (bytes - before.bytes >= limits.bytes) break;
    }
  }
  const file = await deps.jobs.exports.append(job.id, written(), before.file);
  await deps.jobs.exports.putNote(job.id, before.notes, Buffer.concat(entries.map(zipLine)));
  const after = { ...before, bytes, file, entries: before.entries + entries.length, notes: before.notes + 1 };
  const phase = pages.isEnd ? "directory" : "pictures";
  return { ...job, done: job.done + pages.count, progress: { ...after, phase, cursor: pages.cursor } };
}

async function directorySlice({ job, before, deps }: Slice): Promise<Job> {
  let bytes = 0;
  async function* written(): AsyncGenerator<Uint8Array> {
    const first = zipLine({ ...table, crc: before.tableCrc, bytes: before.tableBytes, offset: 0 });
    bytes = first.length;
    yield first;
    for (let number = 0; number < before.notes; number++) {
      const lines = await deps.jobs.exports.note(job.id, number);
      bytes += lines.length;
      yield lines;
    }
    yield zipEnd(before.entries + 1, { bytes, offset: before.bytes });
  }
  const file = await deps.jobs.exports.append(job.id, written(), before.file);
  return { ...job, progress: { ...before, bytes: before.bytes + bytes, phase: "finish", file } };
}

async function finishSlice({ job, asked, before, deps }: Slice): Promise<Job> {
  const { file, notes, bytes } = before;
  await deps.jobs.exports.finish(job.id, file, { ...exportFile(job.id, asked), notes });
  return { ...job, state: "done", done: job.of, result: { events: job.done, bytes, file } satisfies Exported };
}

const table = { name: "events.csv", isStreamed: true };

/** Extra bytes of each picture in a zip file: its header, its line in the directory, and its name in both. */
const entryBytes = 76 + 2 * 64;

function pictureBytes({ pictures }: FaceEvent): number {
  return Object.values(pictures).reduce((sum, { bytes }) => sum + bytes + entryBytes, 0);
}

/** The pictures of an event that are not lost, each as a file. */
async function* picturesOf(event: StoredEvent, { pictures }: JobDeps): AsyncGenerator<{ name: string; data: Buffer }> {
  for (const kind of pictureKinds) {
    const picture = locatePicture(event, kind);
    if (picture === null) continue;
    const data = await pictures.get(picture);
    const ending = picture.contentType === "image/png" ? "png" : "jpg";
    if (data !== null) yield { name: `pictures/${event.id}-${kind}.${ending}`, data };
  }
}
