import { oneBox } from "./one-box.ts";

/** A disk of which a sync fails now and then, and what it was to make durable may be gone for good. */
export const failingSync = oneBox({
  name: "failing-sync",
  share: 6,
  turns: 20,
  passingsInTurn: 3,
  // Not the calls of the start, because their failure would end it.
  fault: "fdatasync:error=EIO:when=40+5",
});
