import { accessSync, constants } from "node:fs";
import { dirname, sep } from "node:path";
import {
  BackupRefused,
  DataDirLocked,
  lacksInodes,
  makeFolder,
  StoreNeedsWrites,
  StoreUnreadable,
} from "@gatepost/embedded";
import { Failure, sayWhy } from "../failure.ts";

/** SQLite's codes for a file that it cannot write, or not open, and for one that is damaged or is not a database. */
const readOnly = 8;
const cannotOpen = 14;
const corrupt = 11;
const notADatabase = 26;

/** The basic code of an error of SQLite, without its upper bits; null for any other error. */
function sqliteCodeOf(error: unknown): number | null {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
}

/** What to do about a folder that cannot be written to. */
export const toWrite = { another: "name another one", owner: "let this user write there, or name another one" };

/** The failed action at a place, and the reason, in one line with the remedy. */
export function placeFailure(
  what: string,
  { why, place, advice }: { why: unknown; place: string; advice: typeof toWrite },
): Failure {
  return new Failure(`${what}: ${reasonOf(why, advice, place) ?? sayWhy(why)}`, { cause: why });
}

const toWriteBackup = {
  another: "name another place for the backup",
  owner: "let this user write there, or name another place for the backup",
};

const toRead = { another: "name another one", owner: "run the command as the user that owns it" };

/** Why a backup of a data folder into `to` failed, in one line that says what to do. */
export function backupFailure(error: unknown, { data, to }: { data: string; to: string }): Error {
  if (isSaid(error)) return new Failure(error.message, { cause: error });
  const { why, path, isOfReading } = originOf(error);
  // A backup reads the store, writes nothing there, and looks at each page of its database.
  const isOfStore = error instanceof StoreUnreadable || isDamaged(why) || isOfReading || isWithin(path, data);
  if (isOfStore) return dataFailure(why, data);
  return placeFailure(`cannot write the backup to ${to}`, { why, place: to, advice: toWriteBackup });
}

/** Why plain files of a data folder could not be written into the folder `to`. */
export function exportFailure(error: unknown, { data, to }: { data: string; to: string }): Error {
  if (isSaid(error)) return new Failure(error.message, { cause: error });
  const { why, path } = originOf(error);
  const isOfSqlite = error instanceof StoreUnreadable || sqliteCodeOf(why) !== null;
  // Files may be written into a folder below the data folder.
  const isOfData = isWithin(path, data) && !isWithin(path, to);
  if (isOfSqlite || isOfData) return dataFailure(why, data);
  return placeFailure(`cannot write to ${to}`, { why, place: to, advice: toWrite });
}

/**
 * The same for a restore from `from` into a data folder, with `later` as the store or backup that has later erasures.
 */
export function restoreFailure(
  error: unknown,
  { data, from, later }: { data: string; from: string; later: string | null },
): Error {
  if (isSaid(error)) return new Failure(error.message, { cause: error });
  const { why, path, isOfReading } = originOf(error);
  if (error instanceof StoreUnreadable) return readFailure(dirname(error.file), why, "the store in ");
  const read = [later, from].find((place) => place !== null && isWithin(path, place));
  if (read !== undefined && read !== null) return readFailure(read, why);
  return isOfReading ? readFailure(from, why) : dataFailure(why, data);
}

/** Whether the message of an error can be shown to the user as it is. */
function isSaid(error: unknown): error is Error {
  return [BackupRefused, DataDirLocked, StoreNeedsWrites, Failure].some((kind) => error instanceof kind);
}

function readFailure(place: string, why: unknown, what = ""): Failure {
  return placeFailure(`cannot read ${what}${place}`, { why, place, advice: toRead });
}

/** The error of the system or of SQLite behind an error, and where it happened. */
function originOf(error: unknown): { why: unknown; path: string | null; isOfReading: boolean } {
  let why = error;
  while (why instanceof Error && !("code" in why) && why.cause instanceof Error) why = why.cause;
  const isCoded = why instanceof Error && "code" in why;
  const found = isCoded ? why : error;
  const path = found instanceof Error && "path" in found ? String(found.path) : null;
  const isOfReading = found instanceof Error && "syscall" in found && found.syscall === "read";
  return { why: found, path, isOfReading };
}

/** Whether SQLite says that a file is damaged, or is not a database. */
function isDamaged(error: unknown): boolean {
  return [corrupt, notADatabase].includes(sqliteCodeOf(error) ?? 0);
}

function isWithin(path: string | null, folder: string): boolean {
  return path !== null && (path === folder || path.startsWith(folder + sep));
}

/** What to do about a place: another possible place, and the right owner. */
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

/** The fault of a place, and its remedy, by the code of the operating system. */
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
  [readOnly]: `its database cannot be written to; ${owner}`,
  10: "its disk fails or is full; make room on it, and look at the system's log",
  [corrupt]: damaged,
  13: full,
  [cannotOpen]: `its database cannot be opened; ${owner}`,
  [notADatabase]: damaged,
});

/** Throws Failure if a data folder can neither be made nor used. */
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
 * What an error of the operating system or of SQLite says of a place, and what to do; undefined if it is none that is
 * known.
 */
function reasonOf(error: unknown, advice: Advice, place: string): string | undefined {
  const reason = saidBy(error, advice);
  // SQLite only reports that it cannot open the database if it cannot make the files beside it.
  const code = sqliteCodeOf(error);
  if ((code === readOnly || code === cannotOpen) && isMountedReadOnly(place)) return byCode(advice)["EROFS"];
  const isRoom = reason === full || code === cannotOpen;
  return isRoom && lacksInodes(place) ? noInodes : reason;
}

function isMountedReadOnly(place: string): boolean {
  try {
    accessSync(place, constants.W_OK);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EROFS";
  }
}

function saidBy(error: unknown, advice: Advice): string | undefined {
  const code = sqliteCodeOf(error);
  if (code !== null) return bySqliteCode(advice)[code];
  return error instanceof Error && "code" in error ? byCode(advice)[String(error.code)] : undefined;
}
