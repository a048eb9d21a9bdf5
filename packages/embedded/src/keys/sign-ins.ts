import type { DatabaseSync } from "node:sqlite";
import { signInEveryMs } from "@gatepost/core/audit";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

/** The key of a sign-in, and the hash of its address. */
interface SignIn {
  by: string;
  from: string | null;
}

const row = z.object({ by: z.string(), from: z.string().nullable(), at: z.int() });

/**
 * When each key last signed in from each address, within the last hour. SQLite alone reads the log for it, once:
 * parsing an hour of it here would keep boxes waiting.
 */
export class SignIns {
  readonly #database: DatabaseSync;
  /** By key and address, the oldest first; null before the log was read. */
  #noted: Map<string, number> | null = null;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  isNoted(signIn: SignIn, now: number): boolean {
    const noted = this.#read(now);
    for (const [name, at] of noted) {
      if (at > now - signInEveryMs) break;
      noted.delete(name);
    }
    return noted.has(nameOf(signIn));
  }

  note(signIn: SignIn, now: number): void {
    this.#read(now).set(nameOf(signIn), now);
  }

  /** Forgets a sign-in that could not be noted, so that the next one is noted. */
  forget(signIn: SignIn): void {
    this.#noted?.delete(nameOf(signIn));
  }

  #read(now: number): Map<string, number> {
    this.#noted ??= new Map(
      this.#database
        .prepare(
          `SELECT json_extract(record, '$.by') AS "by", json_extract(record, '$.from') AS "from", at FROM audit
           WHERE at > ? AND json_extract(record, '$.action') = 'signed-in' ORDER BY seq`,
        )
        .all(now - signInEveryMs)
        .map((found) => parseStored(row, found, "a sign-in of the audit log"))
        .map(({ at, ...signIn }) => [nameOf(signIn), at]),
    );
    return this.#noted;
  }
}

function nameOf({ by, from }: SignIn): string {
  return JSON.stringify([by, from]);
}
