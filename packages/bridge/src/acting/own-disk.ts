import { isDamaged } from "@gatepost/sqlite";
import { whyOf } from "../why.ts";

/**
 * Why the bridge's own disk failed, in words for people; null for other errors. Errors of SQLite have a code of their
 * own, and errors of files name the system call. Errors of the network are always wrapped.
 */
export function diskFailure(error: unknown): string | null {
  if (isDamaged(error))
    return `The orders on the bridge's disk are damaged (${whyOf(error)}): restart it, which begins them anew.`;
  const isOfDisk = error instanceof Error && ("errcode" in error || "syscall" in error);
  return isOfDisk ? `The bridge cannot write to its disk: ${whyOf(error)}.` : null;
}
