/** A clock that differs by days from what it said last while the store was served. */
export interface ClockDoubt {
  is: "ahead" | "behind";
  /** What it said before that, ms. */
  noted: number;
  /** ms of serving until what has expired by a clock that is ahead is removed. */
  heldMs: number;
}
