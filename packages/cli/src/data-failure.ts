import { DataDirLocked, lacksInodes, makeFolder } from "@gatepost/embedded";
import { Failure, sayWhy } from "./failure.ts";
import { cannotOpen, corrupt, notADatabase, sqliteCodeOf } from "./sqlite-code.ts";

/** What to do about a place: where else it may be, and who must own it. */
interface Advice {
  another: string;
  owner: string;
}

const ofData: Advice = {
  another: "give another folder with --data",
  owner: "let the user that runs Gatepost own it, or give another folder with --data",
};

const full = "the disk is full; make room on it";
const noInodes = "no file can be made on its disk, because the inodes are used up; remove files there";

/** What is wrong with a place, and what to do, by the code of the operating system. */
const byCode = ({ another, owner }: Advice): Record<string, string> => ({
  ENOTDIR: `a file is in its way; ${another}`,
  EEXIST: `a file is in its way; ${another}`,
  ENOENT: `it cannot be made there; ${another}`,
  EACCES: `no permission; ${owner}`,
  EPERM: `no permission; ${owner}`,
  EROFS: `the disk cannot be written to; ${another}`,
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: "a file may not become that large there; raise the limit of file sizes (ulimit -f)",
  EIO: "its disk fails; look at the system's log",
  EMFILE: "too many files are open; raise the limit (ulimit -n)",
});

const damaged = "its database is damaged; restore a backup into an empty folder";

/** The same by SQLite's code, without its upper bits. */
const bySqliteCode = ({ owner }: Advice): Record<number, string> => ({
  3: `no permission; ${owner}`,
  8: `its database cannot be written to; ${owner}`,
  10: "its disk fails or is full; make room on it, and look at the system's log",
  [corrupt]: damaged,
  13: full,
  [cannotOpen]: `its database cannot be opened; ${owner}`,
  [notADatabase]: damaged,
});

/** Throws Failure where a data folder can neither be made nor used. */
export function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw dataFailure(error, folder);
  }
}

/** What became of an attempt to open a data folder, in one line that says what to do. */
export function dataFailure(error: unknown, folder: string): Error {
  if (error instanceof DataDirLocked || error instanceof Failure) return error;
  const why = reasonOf(error, ofData, folder) ?? sayWhy(error);
  return new Failure(`cannot use ${folder} as the data folder: ${why}`, { cause: error });
}

const atEnd: Advice = {
  another: "look at the disk and the system's log before the next start",
  owner: "let the user that runs Gatepost own it",
};

/** What kept a server from leaving its data folder in order, in one line that says what to do. */
export function endFailure(error: unknown, folder: string): Failure {
  const errors = errorsIn(error);
  const why = errors.map((one) => reasonOf(one, atEnd, folder)).find((one) => one !== undefined);
  return new Failure(
    `the server has ended, and what it acknowledged is in ${folder}, which could not be left in order: ${why ?? sayWhy(errors[0])}`,
    { cause: error },
  );
}

/** The errors of all steps that failed while something was closed, the first one first. */
function errorsIn(error: unknown): unknown[] {
  return error instanceof SuppressedError ? [...errorsIn(error.suppressed), ...errorsIn(error.error)] : [error];
}

/**
 * What an error of the operating system or of SQLite says of a place, and what to do; undefined where it is none that is
 * known.
 */
export function reasonOf(error: unknown, advice: Advice, place: string): string | undefined {
  const reason = saidBy(error, advice);
  // SQLite only says that it cannot open the database where it cannot make the files beside it.
  const isRoom = reason === full || sqliteCodeOf(error) === cannotOpen;
  return isRoom && lacksInodes(place) ? noInodes : reason;
}

function saidBy(error: unknown, advice: Advice): string | undefined {
  const code = sqliteCodeOf(error);
  if (code !== null) return bySqliteCode(advice)[code];
  return error instanceof Error && "code" in error ? byCode(advice)[String(error.code)] : undefined;
}
