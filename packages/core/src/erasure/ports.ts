import type { StoredEvent } from "@gatepost/protocol";
import type { Erasures } from "./erasures.ts";

/** The erasures that count at a box. Dispose of it once the passings compared with them are stored. */
export interface ErasuresHeld extends Disposable {
  erasures: Erasures;
}

/**
 * Knows the erasures whose passings may be sent again: boxes keep undelivered reports for days. It contains no id of a
 * person, only its `erasedName`.
 */
export interface Suppression {
  /**
   * The erasures of the last `suppressionMs` that count at a box, including erasures at every box. The list may be a
   * minute old. An erasure waits until nothing compared with an older list is still being stored, and erases that as
   * well: on one machine until the lists are disposed of, on AWS for that minute.
   */
  of(box: string): Promise<ErasuresHeld>;
}

/** An erasure of a known person: at one box, or at every one (null), including later boxes. */
export interface PersonErasure {
  person: string;
  box: string | null;
  /** When it began, ms. */
  at: number;
}

/**
 * Most names in `shared`: the progress is stored in one row, which has room for so many twice. Other pictures are also
 * erased, but not counted; a person usually has a few.
 */
export const maxShared = 2000;

/** The progress of an erasure, and where to continue. It is JSON without personal data. */
export interface ErasureProgress {
  events: number;
  /** Pictures that no event shows any more. */
  pictures: number;
  quarantine: number;
  /** Actions that were not announced yet. */
  outbox: number;
  /** Pictures that events which are not erased show, by names that only the adapter reads; the rest counts as erased. */
  shared: string[];
  /** Which events were there when it began, as only the adapter knows. */
  upTo: string | null;
  isDone: boolean;
}

/** The progress of an erasure that has just begun. */
export const noneErased: ErasureProgress = {
  events: 0,
  pictures: 0,
  quarantine: 0,
  outbox: 0,
  shared: [],
  upTo: null,
  isDone: false,
};

/** The kinds of records about a person of a library. */
export const personRecords = ["list", "departure", "correction", "last-day", "roster", "month", "visit"] as const;

/**
 * A record about a person beside the events: a place in an evacuation list, a correction, a last day, a roster, a closed
 * month, or a visit.
 */
export interface PersonRecord {
  what: (typeof personRecords)[number];
  /**
   * `rol_…`, `left_…`, `cor_…`, the last day, as `2026-11-20`, the month (of a roster, too), as `2026-10`, or `act_…`, the
   * action of a visit.
   */
  id: string;
  /** Null if it is not known. */
  site: string | null;
  /** The boxes at which an erasure of the person takes it, also boxes that were moved since. */
  boxes: readonly string[];
}

/** Records about people beside the events. The capabilities that keep some give them to the eraser. */
export interface PersonRecords {
  /** The records about a person. */
  of(person: string): Promise<PersonRecord[]>;
  /** The key of the record that is erased with the event of an action, which identifies a stranger. */
  keyOf(action: string): string;
  /** Removes the records about a person who was erased at one box, or at every box (null). */
  erase(erased: Pick<PersonErasure, "person" | "box">): Promise<void>;
}

/**
 * Erases events for good, with their quarantine records, pictures that no other event shows, visits that were approved
 * for their actions, and notices about a person. The erasures are first noted for the port `Suppression`, so that repeats of the reports are not stored.
 */
export interface EventEraser {
  /** Once it resolves, no read finds the event. False if there is none. */
  eraseEvent(id: string): Promise<boolean>;
  /**
   * Removes events as if their reports had never been received: the same reports may be stored again, and quarantine
   * keeps its records. An event is kept if `isMeant` is false for it when it would be removed. Returns how many were
   * removed.
   */
  withdraw(ids: readonly string[], isMeant: (event: StoredEvent) => boolean): Promise<number>;
  /**
   * The time up to which an erasure that is asked for at a time keeps out later reports of passings, both in ms. It is
   * earlier while the clock of the machine may be ahead.
   */
  coversUntil(askedAt: number): number;
  /** The records about a person beside the events, which an erasure removes, too. */
  recordsOf(person: string): Promise<PersonRecord[]>;
  /**
   * Erases all events of a known person that were durable before the first call, and box status that contains the id,
   * some `limit` events at a time: call it with its last result until `isDone`. The id of a stranger erases no event. A
   * repeated call erases the rest, and counts only that. It begins with a null `upTo`; `shared` may then name pictures
   * that another erasure has left, which count here if they go. An erasure dated ahead counts as one of now.
   */
  eraseSome(erasure: PersonErasure, limit: number, before?: ErasureProgress): Promise<ErasureProgress>;
  /**
   * Runs work that reads passings and then stores records about their people (`PersonRecords`). An erasure that
   * runs at the same time erases these records, too: it removes them after its events, once such work has ended. So the
   * work must not await an erasure.
   */
  alongside<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Erasures, beyond the needs of receiving. */
export interface ErasureLog {
  /** When (ms) a person was erased last at any of these boxes, or (null) at every one; null if that never happened. */
  suppressedSince(person: string, boxes: readonly (string | null)[]): Promise<number | null>;
  /** A keyed hash of the id of a person, for records that are kept longer. */
  subjectOf(person: string): Promise<string>;
  /** Copies that no erasure reaches, and when they are gone at the latest; null if that is unknown here. */
  agesOut(now: number): readonly { what: string; goneBy: number | null }[];
}

/** An erasure as another store has noted it: its keyed hash, its box (null: every box), and its time, ms. */
export interface ImportedErasure {
  name: string;
  box: string | null;
  at: number;
}
