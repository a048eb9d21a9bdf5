import type { PersonType } from "@gatepost/protocol";
import type { Kept } from "./kept.ts";
import type { Seen } from "./seen.ts";

/** The generations of the boxes' person interfaces, and the platform that stands before boxes. docs/acting.md. */
export const generations = ["A", "B", "B7", "C", "sophonsight"] as const;
export type Generation = (typeof generations)[number];

/** What somebody may be registered as: a stranger is not registered, and unknown is not a type of a box. */
export type RegisteredType = Exclude<PersonType, "stranger" | "unknown">;

/** An order to register somebody. */
export interface Registration {
  /** The id under which the box is to know the person, unchanged: that of a stranger holds a dot. 1 to 100 characters. */
  personId: string;
  name: string;
  type: RegisteredType;
  /**
   * The permission group, by its name; generation A knows groups by their ids alone. Null: the group that the
   * configuration of the box names, or none.
   */
  group: string | null;
  /** JPEG, as the event has it; at most 5 MB. */
  photo: Buffer;
  /** A stranger: who is on the box under the id, before the order has begun, must have the same face. */
  isStranger?: true;
}

/** An order to give a registered person another photo. Name, type and groups stay as the box has them. */
export interface PhotoUpdate {
  personId: string;
  /** The name that the event gave. Only sophonsight, which cannot be asked for it, takes it; null where there is none. */
  name: string | null;
  photo: Buffer;
}

/** One try at an order. */
export interface Attempt {
  /** What an earlier try at the same order kept, null at the first: it says how the box was before the order. */
  kept: Kept | null;
  /**
   * Called at most once, before the box is changed, and never where `kept` is given. Must resolve only when what is
   * kept is durable: a process that ends after it can still undo. Where it rejects, nothing is changed on the box and
   * the error is thrown on.
   */
  keep(kept: Kept): Promise<void>;
  /**
   * Called where the order has failed and left everything as it was. What was kept must be forgotten then: an undo by it
   * would take away what others did for the same person since.
   */
  unkeep(): Promise<void>;
  /**
   * How the box had the person when this very order began to change it; null where it has not begun, or something else was
   * done for the person since. `kept` may be of an earlier order of the same action.
   */
  began: Seen | null;
  /** Called before the box is changed, after `keep`, where `began` is null. The same is asked of it as of `keep`. */
  begin(seen: Seen): Promise<void>;
  /** Called when it is known how this order has left the person; null: as it found them. */
  end(left: Seen | null): Promise<void>;
  signal: AbortSignal;
}

/** One try at an undo. */
export interface UndoAttempt extends Pick<Attempt, "begin" | "end" | "signal"> {
  /** How the order left the person; null where that is not known, or an earlier try may have changed it. */
  left: Seen | null;
}

/** Whether a box has somebody. */
export type Presence =
  | { state: "there" }
  | { state: "absent" }
  /** The box cannot be asked that (sophonsight). */
  | { state: "failed"; reason: string }
  | { state: "later"; reason: string };

/** How a try ended. Reasons and notes are whole sentences for people, without a photo, a password or a key in them. */
export type Outcome =
  /** The box has it, and was asked whether it has; `note` says what could not be checked, else null. */
  | { state: "done"; note: string | null }
  /** For good: no face, too poor, library full, no such person. The same order is not tried again. */
  | { state: "failed"; reason: string }
  /** Not now: not reachable, busy, no answer in time. What was asked may have happened; the next try asks first. */
  | { state: "later"; reason: string };

/** Whether a photo shows the person whom the box holds under an id, by the box's own comparison. */
export type Comparison =
  /** `same` only where the box compared the two faces and its own highest threshold was reached. */
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
   * Registers somebody, or, where the box has the id already, gives the person this name, type, group and photo; of a
   * stranger only where the box calls both faces the same, or where it cannot compare, has the person under this name.
   * Quality is asked of the box first where it can be asked.
   */
  register(order: Registration, attempt: Attempt): Promise<Outcome>;
  /** Replaces the photo of somebody whom the box has; fails where it does not. */
  updatePhoto(order: PhotoUpdate, attempt: Attempt): Promise<Outcome>;
  /**
   * Makes the person as they were before: who was not there is removed, who was gets the old photo and record. Fails
   * where the person has gone since, because an erased person does not come back, and where the box has them otherwise than
   * the order left them.
   */
  undo(kept: Kept, attempt: UndoAttempt): Promise<Outcome>;
  /** Removes the person with all photos. Done also where the box does not have the person. */
  remove(personId: string, signal: AbortSignal): Promise<Outcome>;
  /** Asks the box whether it has the person. */
  has(personId: string, signal: AbortSignal): Promise<Presence>;
  /** Asks the box to compare a face with the photo it holds. It makes no event on the box. */
  compare(personId: string, photo: Buffer, signal: AbortSignal): Promise<Comparison>;
}
