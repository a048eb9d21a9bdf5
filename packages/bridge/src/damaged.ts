import { isDamaged } from "@gatepost/sqlite";
import { whyOf } from "./why.ts";

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
 * Opens a database. If the file is damaged or not a database, the error names it and says what is lost if it is moved
 * away.
 *
 * @param lost what becomes of what is in it, where it is moved away
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
