import { isDamaged } from "@gatepost/sqlite";
import { whyOf } from "../why.ts";

/**
 * Why the bridge's own disk failed, in words for people; null where the error is another one. SQLite's errors have a code of
 * their own, and those of files name the call. What the network does is never thrown as it is.
 */
export function diskFailure(error: unknown): string | null {
  if (isDamaged(error))
    return `The orders on the bridge's disk are damaged (${whyOf(error)}): restart it, which begins them anew.`;
  const isOfDisk = error instanceof Error && ("errcode" in error || "syscall" in error);
  return isOfDisk ? `The bridge cannot write to its disk: ${whyOf(error)}.` : null;
}
