import { type JobDeps, runSlice, type SliceLimits } from "@gatepost/api";
import type { ExportState, ExportStore } from "@gatepost/core/jobs";

/** Results of exports in memory. */
export class MemoryExports implements ExportStore {
  readonly files = new Map<string, Buffer>();
  readonly notes = new Map<string, Buffer>();

  async append(id: string, chunks: AsyncIterable<Uint8Array>, state: ExportState): Promise<ExportState> {
    const before = this.files.get(id)?.subarray(0, Number(state?.["bytes"] ?? 0)) ?? Buffer.alloc(0);
    const parts: Uint8Array[] = [before];
    for await (const chunk of chunks) parts.push(Buffer.from(chunk));
    const file = Buffer.concat(parts);
    this.files.set(id, file);
    return { bytes: file.length };
  }

  async putNote(id: string, number: number, note: Uint8Array): Promise<void> {
    this.notes.set(`${id}.${number}`, Buffer.from(note));
  }

  async note(id: string, number: number): Promise<Uint8Array> {
    const note = this.notes.get(`${id}.${number}`);
    if (note === undefined) throw new Error("there is no such note");
    return note;
  }

  async finish(id: string): Promise<void> {
    this.#removeNotes(id);
  }

  async room() {
    return null;
  }

  async remove(id: string): Promise<void> {
    this.files.delete(id);
    this.#removeNotes(id);
  }

  async link(): Promise<null> {
    return null;
  }

  async read(id: string) {
    const file = this.files.get(id);
    return file === undefined ? null : { bytes: file.length, stream: new Blob([new Uint8Array(file)]).stream() };
  }

  #removeNotes(id: string): void {
    for (const name of [...this.notes.keys()]) if (name.startsWith(`${id}.`)) this.notes.delete(name);
  }
}

/** Does all jobs of some ports, to their ends. */
export async function doJobs(
  deps: JobDeps,
  limits: SliceLimits = { events: 5000, records: 20, bytes: 1_000_000 },
): Promise<void> {
  for (const { id } of await deps.jobs.store.unfinished()) while (await runSlice(id, deps, limits));
}
