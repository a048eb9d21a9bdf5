/** Runs stored jobs, slice by slice, until they end. */
export interface JobQueue {
  /** Resolves when a stored job is queued. Where it rejects, or the process ends, the job runs later. */
  push(id: string): Promise<void>;
}

/** What an export has written so far, as only the store of exports knows; null before the first byte. JSON. */
export type ExportState = Record<string, unknown> | null;

export interface ExportLink {
  url: string;
  /** ISO instant. */
  expires: string;
}

/** The results of exports. They are gone after `resultLifetimeMs`, within a day. */
export interface ExportStore {
  /**
   * Appends bytes to the result of a job. To repeat it with the same state, as after a crash, does no harm: only the
   * state that it returned last counts. Throws GatepostError too-large where there is no room.
   */
  append(id: string, chunks: AsyncIterable<Uint8Array>, state: ExportState): Promise<ExportState>;
  /** Keeps a note beside the result, by its number, and reads it. */
  putNote(id: string, number: number, note: Uint8Array): Promise<void>;
  note(id: string, number: number): Promise<Uint8Array>;
  /** Makes the result readable as a file of that name, and removes the notes. */
  finish(id: string, state: ExportState, file: { name: string; contentType: string; notes: number }): Promise<void>;
  /** Bytes that may be written and leave enough for what boxes deliver; null where there is no end to them. */
  room(): Promise<number | null>;
  /**
   * Removes everything of a job. Where there is nothing, it does nothing.
   *
   * @param state null where it is not known, too
   */
  remove(id: string, state: ExportState): Promise<void>;
  /** A URL of the store that needs no key; null where it has none: then the API gives the bytes by `read`. */
  link(id: string, file: { name: string }, validMs: number): Promise<ExportLink | null>;
  /** The result as a stream of `bytes`; null where it is gone, or the store has links of its own. */
  read(id: string): Promise<{ bytes: number; stream: ReadableStream<Uint8Array> } | null>;
}
