import type { RegisteredType } from "@gatepost/protocol";
import type { Kept } from "./kept.ts";
import type { Seen } from "./seen.ts";

/** An order to register a person. */
export interface Registration {
  /** The id of the person on the box, unchanged: a stranger's id contains a dot. 1 to 100 characters. */
  personId: string;
  name: string;
  type: RegisteredType;
  /**
   * The name of the permission group; generation A knows groups only by id. Null: the group in the configuration of the
   * box, or none.
   */
  group: string | null;
  /** JPEG, as in the event; at most 5 MB. */
  photo: Buffer;
  /** For a stranger: a person who already has the id on the box must have the same face. */
  isStranger?: true;
}

/** An order to change the photo of a registered person. Name, type and groups stay as they are on the box. */
export interface PhotoUpdate {
  personId: string;
  /** The name in the event; null if it has none. Only sophonsight uses it, because it cannot be asked for the name. */
  name: string | null;
  photo: Buffer;
}

/** One try at an order. */
export interface Attempt {
  /** The state of the box before the order, which an earlier try of the same order kept. Null at the first try. */
  kept: Kept | null;
  /**
   * Called at most once, before the box is changed, and never if `kept` is given. Must resolve only when the state is
   * durable: then an undo is possible even if the process ends. If it rejects, nothing is changed on the box and the
   * error is thrown.
   */
  keep(kept: Kept): Promise<void>;
  /**
   * Called if the order has failed and changed nothing. The kept state must then be forgotten: an undo with it would
   * reverse later changes by others to the same person.
   */
  unkeep(): Promise<void>;
  /**
   * The state of the person when this order began to change it; null if it has not begun, or something else has changed
   * the person since. `kept` may be of an earlier order of the same action.
   */
  began: Seen | null;
  /** Called before the box is changed, after `keep`, if `began` is null. The rules of `keep` apply. */
  begin(seen: Seen): Promise<void>;
  /** Called when the state in which this order left the person is known; null if it changed nothing. */
  end(left: Seen | null): Promise<void>;
  signal: AbortSignal;
}

/** One try at an undo. */
export interface UndoAttempt extends Pick<Attempt, "begin" | "end" | "signal"> {
  /** The state in which the order left the person; null if that is not known, or an earlier try may have changed it. */
  left: Seen | null;
}

/** Whether a box has a person. */
export type Presence =
  | { state: "there" }
  | { state: "absent" }
  /** The box cannot be asked (sophonsight). */
  | { state: "failed"; reason: string }
  | { state: "later"; reason: string };

/** The result of a try. Reasons and notes are whole sentences for people, without a photo, password or key. */
export type OrderOutcome =
  /** The box was asked and has it; `note` names an omitted check, else null. */
  | { state: "done"; note: string | null }
  /** Final: no face, too poor, library full, no such person. The same order is not tried again. */
  | { state: "failed"; reason: string }
  /**
   * Not now: not reachable, busy, no answer in time. The request may still have been carried out; the next try asks
   * first.
   */
  | { state: "later"; reason: string };

/** Whether a photo shows the person with an id on the box, by the box's own comparison. */
export type Comparison =
  /** `same` only if the box compared the faces and its own highest threshold was reached. */
  | { state: "same" | "different" }
  /** The box cannot compare (generation A, sophonsight), does not have the person, or refuses the photo. */
  | { state: "failed"; reason: string }
  | { state: "later"; reason: string };

/**
 * The person library of one box, or of a sophonsight platform, as the acting loop uses it.
 *
 * No method throws for what a box does or answers; the two things that are thrown are a rejection of what an attempt calls,
 * and the reason of an aborted `signal`. Every method may be repeated after any end of the one before, also after the process
 * was killed: it reads what the box has first, and the person is there once. Calls for one box wait for each other.
 *
 * @example
 * const keeping = { keep: (kept) => spool.keep(row, kept), unkeep: () => spool.keep(row, null) };
 * const noting = { began: row.began, begin: (seen) => spool.begin(row, seen), end: (left) => spool.end(row, left) };
 * const outcome = await library.register(order, { kept: row.kept, ...keeping, ...noting, signal });
 * if (outcome.state === "later") await spool.postpone(row, outcome.reason);
 */
export interface PersonLibrary {
  /**
   * Registers a person. If the box already has the id, gives that person this name, type, group and photo. For a
   * stranger, only if the box says that both faces are the same or, if it cannot compare, the person has this name. The
   * box checks the quality first, if it can.
   */
  register(order: Registration, attempt: Attempt): Promise<OrderOutcome>;
  /** Replaces the photo of a person on the box. Fails if the box does not have the person. */
  updatePhoto(order: PhotoUpdate, attempt: Attempt): Promise<OrderOutcome>;
  /**
   * Restores the earlier state of a person: a person who was not there is removed, another one gets the old photo and
   * record. Fails if the person has been removed since, because an erased person must not come back, and if the state
   * is not the one that the order left.
   */
  undo(kept: Kept, attempt: UndoAttempt): Promise<OrderOutcome>;
  /** Removes the person with all photos. Also done if the box does not have the person. */
  remove(personId: string, signal: AbortSignal): Promise<OrderOutcome>;
  /** Asks the box whether it has the person. */
  has(personId: string, signal: AbortSignal): Promise<Presence>;
  /** Asks the box to compare a face with its photo of the person. This makes no event on the box. */
  compare(personId: string, photo: Buffer, signal: AbortSignal): Promise<Comparison>;
}
