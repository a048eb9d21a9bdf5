import { oneBox } from "./one-box.ts";

/** A disk on which some syncs fail, and whose unsynced changes may be lost for good. */
export const failingSync = oneBox({
  name: "failing-sync",
  share: 6,
  turns: 20,
  passingsInTurn: 3,
  // Not the calls of the start, because their failure would end it.
  fault: "fdatasync:error=EIO:when=40+5",
});
