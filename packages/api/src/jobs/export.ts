import { setImmediate as nextTurn } from "node:timers/promises";
import { GatepostError } from "@gatepost/core/errors";
import { type FaceEvent, locatePicture, pictureKinds, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { exportedEvents } from "../access/actors.ts";
import type { JobDeps, SliceLimits } from "../ports.ts";
import { csvColumns, csvHead, csvLine } from "./csv.ts";
import { type Exported, exportFile } from "./export-link.ts";
import type { ExportRequest, Job } from "./job.ts";
import { refuseWithoutRoom } from "./results.ts";
import { type ZipEntry, zipCrc, zipEnd, zipHead, zipLine, zipTail } from "./zip.ts";

/** Bytes of a result at most, and of the table in a zip file, whose size is stored in 32 bits. */
const maxBytes = 10 * 1024 ** 3;
const maxTableBytes = 0xffff_ffff;

/** Events in memory at the same time. Fewer are taken if their pictures are read, because each may have 5 MB. */
const pageSize = 500;
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
  ...{ phase: "count", cursor: null, bytes: 0, tableBytes: 0, tableCrc: 0 },
  ...{ entries: 0, notes: 0, expected: 0, file: null },
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

/** One slice of an export. Throws GatepostError too-large if the result would be too large. */
export function exportSlice(job: Job, asked: ExportRequest, deps: JobDeps, limits: SliceLimits): Promise<Job> {
  const before = job.progress === null ? begun : progress.parse(job.progress);
  return slices[before.phase]({ job, asked, before, deps, limits });
}

async function countSlice({ job, asked, before, deps, limits }: Slice): Promise<Job> {
  const pages = new Pages(asked, before.cursor, deps);
  let { bytes, tableBytes } = before;
  for await (const page of pages.take(pageSize, limits.events)) {
    for (const event of await exportedEvents(page, deps)) {
      tableBytes += Buffer.byteLength(lineOf(event, asked));
      bytes += asked.format === "zip" ? pictureBytes(event) : 0;
    }
  }
  const expected = bytes + tableBytes;
  refuseBeyond({ bytes: expected, tableBytes: asked.format === "zip" ? tableBytes : 0 });
  if (pages.isEnd) await refuseWithoutRoom(job, expected, deps);
  const of = job.of + pages.count;
  const counted = { ...before, bytes, tableBytes, cursor: pages.cursor };
  return { ...job, of, progress: pages.isEnd ? { ...begun, phase: "table", expected } : counted };
}

function refuseBeyond({ bytes, tableBytes }: { bytes: number; tableBytes: number }): void {
  if (bytes <= maxBytes && tableBytes <= maxTableBytes) return;
  throw new GatepostError("too-large", "the result would be too large: over 10 GB; ask for less by from and to");
}

async function tableSlice({ job, asked, before, deps, limits }: Slice): Promise<Job> {
  const pages = new Pages(asked, before.cursor, deps);
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
      if (asked.format !== "ndjson") yield line(csvHead(asked.columns ?? csvColumns));
    }
    for await (const page of pages.take(pageSize, limits.events)) {
      yield line((await exportedEvents(page, deps)).map((event) => lineOf(event, asked)).join(""));
    }
    if (isZip && pages.isEnd) yield counted(zipTail({ crc: after.tableCrc, bytes: after.tableBytes }));
  }
  const file = await deps.jobs.exports.append(job.id, written(), before.file);
  const done = isZip ? job.done : job.done + pages.count;
  const phase = pages.isEnd ? (isZip ? "pictures" : "finish") : "table";
  return { ...job, done, progress: { ...after, phase, cursor: pages.cursor, file } };
}

async function picturesSlice({ job, asked, before, deps, limits }: Slice): Promise<Job> {
  const pages = new Pages(asked, before.cursor, deps);
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

/** The pages of the events that were asked for, newest first. */
class Pages {
  /** Events so far. */
  count = 0;
  cursor: string | null;
  isEnd = false;
  readonly #asked: ExportRequest;
  readonly #deps: JobDeps;

  constructor(asked: ExportRequest, cursor: string | null, deps: JobDeps) {
    this.cursor = cursor;
    this.#asked = asked;
    this.#deps = deps;
  }

  async *take(size: number, limit: number): AsyncGenerator<readonly StoredEvent[]> {
    while (!this.isEnd && this.count < limit) {
      // On one machine, reading a page blocks the event loop, so deliveries get a turn between two pages.
      await nextTurn();
      const page = await this.#deps.events.list(this.#asked.filter, { limit: size, cursor: this.cursor });
      this.count += page.items.length;
      this.cursor = page.next;
      this.isEnd = page.next === null;
      yield page.items;
    }
  }
}

function lineOf(event: FaceEvent, { format, columns = csvColumns }: ExportRequest): string {
  return format === "ndjson" ? `${JSON.stringify(event)}\n` : csvLine(event, columns);
}

function pictureBytes({ pictures }: FaceEvent): number {
  return Object.values(pictures).reduce((sum, { bytes }) => sum + bytes + entryBytes, 0);
}

/** The pictures of an event that are not lost, each as a file. */
async function* picturesOf(
  { id, reports }: StoredEvent,
  { pictures }: JobDeps,
): AsyncGenerator<{ name: string; data: Buffer }> {
  for (const kind of pictureKinds) {
    const picture = locatePicture(reports, kind);
    if (picture === null) continue;
    const data = await pictures.get(picture.month, kind, picture.sha256, picture);
    const ending = picture.contentType === "image/png" ? "png" : "jpg";
    if (data !== null) yield { name: `pictures/${id}-${kind}.${ending}`, data };
  }
}
