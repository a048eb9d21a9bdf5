import { isDamaged } from "@gatepost/sqlite";
import { whyOf } from "./why.ts";

/**
 * Opens a database. Where the file is damaged or is none, the error names it and says what is lost without it.
 *
 * @param lost what becomes of what is in it, where it is moved away
 */
export function openNaming<Opened>(file: string, lost: string, open: () => Opened): Opened {
  try {
    return open();
  } catch (error) {
    if (!isDamaged(error)) throw error;
    const todo = `move it away, with ${file}-wal and ${file}-shm if they are there, and start again: ${lost}`;
    throw new Error(`${file} is damaged (${whyOf(error)}); ${todo}`, { cause: error });
  }
}
