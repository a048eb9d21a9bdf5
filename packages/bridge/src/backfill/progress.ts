import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as z from "zod";

const saved = z.object({ upTo: z.int() });

/** How far a backfill has come, stored in a file so that the next run can continue there. */
export class Progress {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * The time (ms since 1970) up to which everything was delivered; null at the beginning, and if the file is damaged.
   */
  read(): number | null {
    if (!existsSync(this.#file)) return null;
    try {
      return saved.parse(JSON.parse(readFileSync(this.#file, "utf8"))).upTo;
    } catch {
      return null;
    }
  }

  write(upTo: number): void {
    // A random name: another process may backfill the same span.
    const unfinished = `${this.#file}.${randomBytes(6).toString("hex")}.new`;
    writeFileSync(unfinished, JSON.stringify({ upTo }), { mode: 0o600 });
    renameSync(unfinished, this.#file);
  }

  done(): void {
    rmSync(this.#file, { force: true });
  }
}
