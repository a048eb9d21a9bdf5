import type { Job } from "./job.ts";
import type { Admission, JobRoom, NoRoom } from "./room.ts";

/** The jobs, as they are stored. */
export interface JobStore {
  /**
   * Stores a job, if there is room for it. As many as a key may have are counted exactly, however many ask at the same
   * time; those of all keys may be some more for a moment.
   */
  create(job: Job, room: JobRoom): Promise<Admission>;
  /** Why there is no room for another job of a key at the moment; null where there is. Nothing is written. */
  lackOfRoom(by: string, room: JobRoom): Promise<NoRoom | null>;
  /** Null where there is none, or it has expired. What has not ended may stay for longer. */
  get(id: string): Promise<Job | null>;
  /**
   * Writes what became of a job, unless somebody else has written it since `before`. Returns whether it was written. What
   * it held before leaves no byte.
   */
  advance(before: Job, after: Job): Promise<boolean>;
  /** The jobs that have not ended, and exports whose result is kept; some are there for longer. */
  unfinished(): Promise<Job[]>;
  /** The ids of jobs that cannot be read, and may have a result. All else treats them as missing. */
  unreadable(): Promise<string[]>;
}

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

/** What is known of erasures, besides what ingest needs. */
export interface ErasureLog {
  /** When (ms) a person was erased last at any of these boxes, or (null) at every one; null where that never was. */
  suppressedSince(person: string, boxes: readonly (string | null)[]): Promise<number | null>;
  /** A keyed hash of the id of a person, which stands for it in what is kept for longer. */
  subjectOf(person: string): Promise<string>;
  /** What no erasure reaches and when it is gone at the latest; null where nobody here knows. */
  agesOut(now: number): readonly { what: string; goneBy: number | null }[];
}
