/** An erasure of a known person: at one box, or at every one (null), those that come later included. */
export interface PersonErasure {
  person: string;
  box: string | null;
  /** When it began, ms. */
  at: number;
}

/**
 * Most names in `shared`: the progress is stored in one row, which has room for so many twice. Other pictures are erased
 * all the same, and not counted; a person has a few, as a rule.
 */
export const maxShared = 2000;

/** What was erased so far, and where to go on. It is JSON without anything of the person. */
export interface ErasureProgress {
  events: number;
  /** Pictures that nobody shows any more. */
  pictures: number;
  quarantine: number;
  /** Actions that were to be announced. */
  outbox: number;
  /** Pictures that events which are not erased show, by names that only the adapter reads; the rest counts as erased. */
  shared: string[];
  /** Which events were there when it began, as only the adapter knows. */
  upTo: string | null;
  isDone: boolean;
}

/** The progress of an erasure that has just begun. */
export const noneErased: ErasureProgress = {
  ...{ events: 0, pictures: 0, quarantine: 0, outbox: 0 },
  ...{ shared: [], upTo: null, isDone: false },
};

/**
 * Erases events for good, with what quarantine has of them, the pictures that no other event shows, and what boxes said
 * of a person. What was erased is noted for the port `Suppression` of ingest first, so that it does not come again.
 */
export interface EventEraser {
  /** Once it resolves, no read finds the event. False where there is none. */
  eraseEvent(id: string): Promise<boolean>;
  /**
   * Erases all events of a known person at one box, or at every box where it is null, that were durable before the
   * call, and box status that contains the id. The id of a stranger erases no event. Returns how many events there
   * were.
   */
  erasePerson(person: string, box: string | null): Promise<number>;
  /**
   * The same, some `limit` events at a time: to be called with what it returned before until `isDone`. Repeated with
   * the same, it erases what is left, and counts that alone. It begins where `upTo` is null; `shared` may then name
   * pictures that another erasure has left, which count here if they go.
   */
  eraseSome(erasure: PersonErasure, limit: number, before?: ErasureProgress): Promise<ErasureProgress>;
}
