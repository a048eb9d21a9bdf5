import { GatepostError } from "@gatepost/core/errors";
import { lacksRoom } from "@gatepost/sqlite";

export const diskIsFull = "the disk is full";
export const inodesAreUsedUp = "no file can be made on the disk, because its inodes are used up: remove files there";
const wasReplaced = "a file of the data folder was removed or replaced: start again";
const notWritable = "the data folder cannot be written to";
const tooManyOpen = "too many files and connections are open";
const isDamaged = "the database is damaged";
const unknown = "the data folder takes no writes: its log says why";

/** Why nothing can be stored, by the text of an error. */
const reasons: readonly (readonly [sign: RegExp, reason: string])[] = [
  [/ENOSPC|EDQUOT|EFBIG|disk is full|disk full/i, diskIsFull],
  [/was replaced|ENOENT/, wasReplaced],
  [/EROFS|EACCES|EPERM|readonly/i, notWritable],
  [/EMFILE|ENFILE/, tooManyOpen],
  [/corrupt|malformed|not a database/i, isDamaged],
];

/** The operator's remedies, for reasons that do not name one. */
const todos: ReadonlyMap<string, string> = new Map([
  [diskIsFull, "make room on it, or keep events for fewer days"],
  [notWritable, "mount its disk for writing, and let the user that runs Gatepost own the folder"],
  [tooManyOpen, "raise the limit of open files (LimitNOFILE, ulimit -n)"],
  [isDamaged, "stop the server and restore a backup into an empty folder"],
  [unknown, "look at the system's log, too"],
]);

/** Why nothing can be stored, without the path that errors of the system contain. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${"code" in error ? error.code : ""} ${error.message}` : "";
  return reasons.find(([sign]) => sign.test(text))?.[1] ?? unknown;
}

/**
 * The error for a client if a write found no room; null if something else failed. The text of an error alone proves
 * nothing: it may contain text that the client has sent.
 */
export function lackOfRoom(cause: unknown): GatepostError | null {
  if (!lacksRoom(cause) || reasonOf(cause) !== diskIsFull) return null;
  return new GatepostError("unavailable", "the disk is full: make room for the data folder", {
    cause,
    retryAfter: 5,
  });
}

export function todoFor(reason: string): string | undefined {
  return todos.get(reason);
}
