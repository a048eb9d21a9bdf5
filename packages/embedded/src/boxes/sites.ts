import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import type { BoxSites } from "@gatepost/query";
import * as z from "zod";

const boxRow = z.object({ box: z.string() });

/** The boxes of each site. */
export class SqliteBoxSites implements BoxSites {
  readonly #boxes: StatementSync;

  constructor(database: DatabaseSync) {
    this.#boxes = database.prepare("SELECT box FROM boxes WHERE site = ? ORDER BY box");
  }

  async boxesOf(site: string): Promise<string[]> {
    return this.#boxes.all(site).map((row) => parseStored(boxRow, row, "a box of a site").box);
  }
}
