import { chmodSync, existsSync, readdirSync } from "node:fs";
import { rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { lock, makeFolder, syncFolder } from "@gatepost/sqlite";
import { BackupRefused } from "./refused.ts";

/** The names that a restore writes into a data folder, or needs during its work. */
const ours =
  /^(?:gatepost|lock|later|last|shipped)\.db(?:-wal|-shm|-journal)?$|^shipped-\d{4}-\d{2}(?:-scenes)?\.pack$|^(?:pictures|rules\.json|reserve|shipped\.json(?:\.part)?)$/;

/** A folder is a store only with its database, so the database is moved last. */
const database = "gatepost.db";

const beside = (data: string) => `${data}.restoring`;
const inside = (data: string) => join(data, ".restoring");

/** Whether a restore into an existing folder was interrupted. */
function isCutShort(data: string): boolean {
  return existsSync(inside(data)) && !existsSync(join(data, database));
}

/** The names in a folder. The folder `lost+found` of a file system does not count. */
function namesIn(data: string): string[] {
  return readdirSync(data).filter((name) => name !== "lost+found");
}

/** Throws BackupRefused for a folder that contains anything, unless it is from an interrupted restore. */
export function checkEmpty(data: string): void {
  if (!existsSync(data) || namesIn(data).length === 0 || isCutShort(data)) return;
  throw new BackupRefused(
    `${data} is not empty: a restore overwrites nothing; move its files away, and name it with --later`,
  );
}

/**
 * Throws BackupRefused for a folder with an unfinished restore. Otherwise a new store would begin in its place, with
 * other keys.
 */
export function checkRestored(data: string): void {
  const isBeside = existsSync(beside(data)) && !existsSync(join(data, database));
  if (!isCutShort(data) && !isBeside) return;
  const todo = isBeside ? `remove ${beside(data)}` : "empty the folder";
  throw new BackupRefused(
    `a restore into ${data} is under way or was cut short: let it end, or begin it again; to do without it, ${todo}`,
  );
}

/**
 * Makes the folder in which a restore is prepared. It is inside the data folder if that exists: that may be a separate
 * disk, or in a folder of another user.
 */
export function makePart(data: string): string {
  if (!existsSync(data)) {
    makeFolder(beside(data));
    return beside(data);
  }
  chmodSync(data, 0o700);
  makeFolder(inside(data));
  return inside(data);
}

/** Turns the prepared folder into the data folder. */
export async function putInPlace(part: string, data: string): Promise<void> {
  // Its files must be found after a power cut, too, before it is a data folder.
  syncFolder(part);
  if (part === beside(data)) {
    await rename(part, data);
    return syncFolder(dirname(data));
  }
  const others = readdirSync(part).filter((name) => name !== database);
  for (const name of others) await rename(join(part, name), join(data, name));
  syncFolder(data);
  await rename(join(part, database), join(data, database));
  await rmdir(part);
  syncFolder(data);
}

/** Removes the files of an interrupted restore. */
export async function removeRemains(data: string): Promise<void> {
  await removePart(beside(data));
  if (!isCutShort(data)) return;
  checkOurs(inside(data));
  const moved = namesIn(data).filter((name) => join(data, name) !== inside(data));
  checkNames(data, moved);
  for (const name of moved) await rm(join(data, name), { recursive: true });
  // Removed last, because it shows whose the other files are.
  await removePart(inside(data));
}

async function removePart(part: string): Promise<void> {
  if (!existsSync(part)) return;
  checkOurs(part);
  await rm(part, { recursive: true });
}

/** Throws BackupRefused if another restore works in it, or it has other files. */
function checkOurs(part: string): void {
  if (existsSync(join(part, "lock.db"))) lock(join(part, "lock.db"), { wait: 0, taken: (c) => underWay(part, c) })();
  checkNames(part, readdirSync(part));
}

function checkNames(folder: string, names: readonly string[]): void {
  const other = names.find((name) => !ours.test(name));
  if (other !== undefined) throw new BackupRefused(`${folder} has other files in it (${other}); move them away`);
}

export function underWay(data: string, cause: unknown): BackupRefused {
  return new BackupRefused(`another restore into ${data} is under way`, { cause });
}
