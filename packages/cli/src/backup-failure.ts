import { dirname, sep } from "node:path";
import { BackupRefused, DataDirLocked, StoreNeedsWrites, StoreUnreadable } from "@gatepost/embedded";
import { dataFailure } from "./data-failure.ts";
import { Failure } from "./failure.ts";
import { placeFailure, toWrite } from "./place-failure.ts";
import { corrupt, notADatabase, sqliteCodeOf } from "./sqlite-code.ts";

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
 * The same for a restore from `from` into a data folder, with `later` as the store or backup of what was erased since.
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
