import { join, resolve } from "node:path";
import { isDamaged, lock, makeFolder as makeDurably } from "@gatepost/sqlite";
import { whyOf } from "./why.ts";

/** Another bridge uses the folder. */
export class BridgeBusy extends Error {}

/**
 * Opens the folder of a spool for this process only. The lock ends with the process, even if that is killed. Throws
 * BridgeBusy.
 */
export function openFolder(name: string): { path: string; unlock(): void } {
  const path = resolve(name);
  makeFolder(path);
  const taken = (cause: unknown) =>
    new BridgeBusy(`another bridge uses ${path}; stop it first, or give another spool.folder`, { cause });
  return { path, unlock: lock(join(path, "lock.db"), { wait: 1000, taken }) };
}

/** Makes a folder that only its owner may use, unless it exists. Its name is durable when this returns. */
export function makeFolder(path: string): void {
  try {
    makeDurably(resolve(path));
  } catch (error) {
    throw new Error(`spool.folder: ${whyOf(error)}; give one that this user may write to`, { cause: error });
  }
}

/**
 * SQLite does not name the file: for a damaged one, makes an error with the file and what to do. Returns other errors
 * unchanged.
 */
export function unopened(file: string, error: unknown): unknown {
  if (!(error instanceof Error && "errcode" in error)) return error;
  const todo = "make room on its disk, or see to it that this user may write there";
  return new Error(`spool.folder: ${file} cannot be opened (${error.message}); ${todo}`, { cause: error });
}

/**
 * Opens a database. If the file is damaged or not a database, the error names it and the loss if it is moved away.
 *
 * @param lost the effect on its content if it is moved away
 */
export function openNaming<Opened>(file: string, lost: string, open: () => Opened): Opened {
  try {
    return open();
  } catch (error) {
    if (!isDamaged(error)) throw unopened(file, error);
    const todo = `move it away, with ${file}-wal and ${file}-shm if they are there, and start again: ${lost}`;
    throw new Error(`${file} is damaged (${whyOf(error)}); ${todo}`, { cause: error });
  }
}
