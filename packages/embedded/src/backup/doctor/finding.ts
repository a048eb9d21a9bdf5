import type { DatabaseSync } from "node:sqlite";

/** What the doctor examines. */
export interface Examined {
  /** The data folder. */
  path: string;
  /** Its database, opened for reading only. */
  database: DatabaseSync;
  /** Whether a server uses the folder: then some work may be in progress. */
  isServed: boolean;
  /** Whether to read every picture and every page of the database. */
  isDeep: boolean;
  /** The host of which the server that uses the folder has passkeys, as of `Factors`; undefined if none is known. */
  passkeyHost: string | undefined;
  clock(): number;
}

/** The result of a check. */
export interface Finding {
  check:
    | "permissions"
    | "disk"
    | "sqlite"
    | "database"
    | "events"
    | "pictures"
    | "orphans"
    | "clock"
    | "targets"
    | "company"
    | "erasures"
    | "keys"
    | "server";
  /** `note`: nothing needs to be done. */
  state: "ok" | "note" | "wrong";
  /** The observation, in one line. */
  said: string;
  /** What the operator should do. */
  todo?: string | undefined;
  /** Whether `--repair` does that. */
  isRepairable?: true;
}

export const byRepair = { todo: "`gatepost doctor --repair`", isRepairable: true } as const;

export function inBytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${Math.ceil(bytes / 1e6)} MB`;
}
