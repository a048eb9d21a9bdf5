import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log } from "@gatepost/core/log";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

const row = z.object({ value: z.instanceof(Uint8Array) });

/** The text of the last rules.json without an error. It is in the database, so that a restart has it too. */
export class KeptRules {
  readonly #writer: Writer;
  readonly #log: Log;
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, log: Log) {
    this.#writer = writer;
    this.#log = log;
    this.#find = database.prepare("SELECT value FROM secrets WHERE name = 'rules'");
    this.#put = database.prepare("INSERT OR REPLACE INTO secrets VALUES ('rules', ?)");
    this.#remove = database.prepare("DELETE FROM secrets WHERE name = 'rules'");
  }

  read(): string | null {
    const found = this.#find.get();
    return found === undefined ? null : Buffer.from(parseStored(row, found, "the last good rules").value).toString();
  }

  /** Keeps a text, or none. The caller does not wait: the file itself has the same rules. */
  keep(text: string | null): void {
    if (this.read() === text) return;
    const written = this.#writer.run(() =>
      text === null ? this.#remove.run() : this.#put.run(new Uint8Array(Buffer.from(text))),
    );
    written.catch((cause: unknown) => this.#log.warn("could not keep the rules of rules.json", { cause }));
  }
}
