import { setImmediate as nextTurn } from "node:timers/promises";
import { type FaceEvent, locatePicture, pictureKinds, type StoredEvent } from "@gatepost/protocol";
import { csvColumns, csvLine } from "./csv.ts";
import type { JobDeps } from "./deps.ts";
import type { ExportRequest } from "./job.ts";

/** Extra bytes of each picture in a zip file: its header, its line in the directory, and its name in both. */
const entryBytes = 76 + 2 * 64;

/** The pages of the events that were asked for, newest first. */
export class Pages {
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

export function lineOf(event: FaceEvent, { format, columns = csvColumns }: ExportRequest): string {
  return format === "ndjson" ? `${JSON.stringify(event)}\n` : csvLine(event, columns);
}

export function pictureBytes({ pictures }: FaceEvent): number {
  return Object.values(pictures).reduce((sum, { bytes }) => sum + bytes + entryBytes, 0);
}

/** The pictures of an event that are not lost, each as a file. */
export async function* picturesOf(
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
