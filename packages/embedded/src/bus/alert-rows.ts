import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored, storedJson } from "@gatepost/protocol";
import type { AlertRow, AlertRows } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

const row = z.object({ name: z.string(), value: storedJson(z.unknown()), version: z.int() });

/** The notes of alerts, in the database. */
export class SqliteAlertRows implements AlertRows {
  readonly #writer: Writer;
  readonly #clock: () => number;
  readonly #get: StatementSync;
  readonly #make: StatementSync;
  readonly #change: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, clock: () => number) {
    this.#writer = writer;
    this.#clock = clock;
    this.#get = database.prepare(
      "SELECT name, value, version FROM alert_rows WHERE name IN (SELECT value FROM json_each(?)) AND until > ?",
    );
    // A row that has ended counts as missing. Its version rises all the same, so that nobody who read the old row takes
    // the new one for it.
    this.#make = database.prepare(
      `INSERT INTO alert_rows (name, value, version, until) VALUES (?1, ?2, 1, ?3)
       ON CONFLICT (name) DO UPDATE SET value = ?2, version = version + 1, until = ?3 WHERE until <= ?4`,
    );
    this.#change = database.prepare(
      "UPDATE alert_rows SET value = ?2, version = version + 1, until = ?3 WHERE name = ?1 AND until > ?4 AND version = ?5",
    );
  }

  async get(names: readonly string[]): Promise<ReadonlyMap<string, AlertRow>> {
    const rows = this.#get.all(JSON.stringify(names), this.#clock());
    return new Map(
      rows.map((one) => {
        const { name, value, version } = parseStored(row, one, "a row of alerts");
        return [name, { value, version }];
      }),
    );
  }

  async put(name: string, value: object, { version, until }: { version: number; until: number }): Promise<boolean> {
    const written = [name, JSON.stringify(value), until] as const;
    const changed = await this.#writer.run(() => {
      const now = this.#clock();
      const statement = version === 0 ? this.#make.run(...written, now) : this.#change.run(...written, now, version);
      return statement.changes;
    });
    return changed === 1;
  }
}
