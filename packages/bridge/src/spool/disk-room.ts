import { statfsSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import { reservedBytes } from "@gatepost/sqlite";
import * as z from "zod";

const unusedRow = z.object({ bytes: z.int() });

/**
 * Refuses bodies for which the disk has too little room. A body is written to the log first and then to the database.
 * If the disk gets full in between, the log can no longer be copied and takes all the room that is left.
 */
export class DiskRoom {
  readonly #folder: string;
  readonly #unused: StatementSync;
  #underWay = 0;

  constructor(folder: string, database: DatabaseSync) {
    this.#folder = folder;
    this.#unused = database.prepare(
      "SELECT freelist_count * page_size AS bytes FROM pragma_freelist_count, pragma_page_size",
    );
  }

  /** Writes a body of so many bytes. Rejects if there is no room for it. */
  async with<T>(bytes: number, write: () => Promise<T>): Promise<T> {
    this.#underWay += bytes;
    try {
      this.#check();
      return await write();
    } finally {
      this.#underWay -= bytes;
    }
  }

  #check(): void {
    // The database file may contain unused room.
    const unused = parseStored(unusedRow, this.#unused.get(), "the unused pages of the spool").bytes;
    if (this.#underWay <= unused) return;
    const { blocks, bavail, bsize } = statfsSync(this.#folder);
    const free = bavail * bsize;
    // Some file systems do not tell their size.
    if (blocks === 0 || free >= reservedBytes + 2 * this.#underWay) return;
    throw new Error(`the disk of the spool is full: ${Math.floor(free / 1e6)} MB are left`);
  }
}
