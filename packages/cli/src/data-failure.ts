import { DataDirLocked, makeFolder } from "@gatepost/embedded";
import { Failure, sayWhy } from "./failure.ts";

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
  EMFILE: "too many files are open; raise the limit (ulimit -n)",
});

const damaged = "its database is damaged; restore a backup into an empty folder";

/** The same by SQLite's code, without its upper bits. */
const bySqliteCode = ({ owner }: Advice): Record<number, string> => ({
  3: `no permission; ${owner}`,
  8: `its database cannot be written to; ${owner}`,
  10: "its disk fails or is full; make room on it, and look at the system's log",
  11: damaged,
  13: full,
  14: `its database cannot be opened; ${owner}`,
  26: damaged,
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
  const why = reasonOf(error, ofData) ?? sayWhy(error);
  return new Failure(`cannot use ${folder} as the data folder: ${why}`, { cause: error });
}

/** What an error of the operating system or of SQLite says of a place, and what to do; undefined where it is none that is known. */
export function reasonOf(error: unknown, advice: Advice): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error) return bySqliteCode(advice)[Number(error.errcode) & 0xff];
  return "code" in error ? byCode(advice)[String(error.code)] : undefined;
}
