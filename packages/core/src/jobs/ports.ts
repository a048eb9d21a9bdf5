/** Runs stored jobs, slice by slice, until they end. */
export interface JobQueue {
  /**
   * Resolves when a stored job is queued, for about `delayMs` from now. If it rejects, or the process ends, the job runs
   * later.
   */
  push(id: string, delayMs?: number): Promise<void>;
  /**
   * Does a slice of a job, and returns its result: whether there is more to do. If the queue of this process does a slice of
   * the job already, waits for the end of that one instead, and returns true.
   */
  alone(id: string, slice: () => Promise<boolean>): Promise<boolean>;
}

/** The written part of an export, in a form that only the store of exports knows; null before the first byte. JSON. */
export type ExportState = Record<string, unknown> | null;

export interface ExportLink {
  url: string;
  /** ISO instant. */
  expires: string;
}

/** The results of exports. They are gone after `resultLifetimeMs`, within a day. */
export interface ExportStore {
  /**
   * Appends bytes to the result of a job. Repeating it with the same state, as after a crash, is harmless: only the
   * last returned state counts. Throws GatepostError too-large if there is no room.
   */
  append(id: string, chunks: AsyncIterable<Uint8Array>, state: ExportState): Promise<ExportState>;
  /** Keeps a note beside the result, by its number, and reads it. */
  putNote(id: string, number: number, note: Uint8Array): Promise<void>;
  note(id: string, number: number): Promise<Uint8Array>;
  /** Makes the result readable as a file of that name, and removes the notes. */
  finish(id: string, state: ExportState, file: { name: string; contentType: string; notes: number }): Promise<void>;
  /** Bytes that may be written and still leave enough for deliveries of boxes; null if they are unlimited. */
  room(): Promise<number | null>;
  /**
   * Removes everything of a job. Does nothing if there is nothing.
   *
   * @param state null if it is unknown, too
   */
  remove(id: string, state: ExportState): Promise<void>;
  /** A URL of the store that needs no key; null if it has none: then the API gives the bytes by `read`. */
  link(id: string, file: { name: string }, validMs: number): Promise<ExportLink | null>;
  /** The result as a stream of `bytes`; null if it is gone, or the store has its own links. */
  read(id: string): Promise<{ bytes: number; stream: ReadableStream<Uint8Array> } | null>;
}
