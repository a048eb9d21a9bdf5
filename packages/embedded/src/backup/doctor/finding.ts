import type { DatabaseSync } from "node:sqlite";

/** What the doctor looks at. */
export interface Examined {
  /** The data folder. */
  path: string;
  /** Its database, for reading alone. */
  database: DatabaseSync;
  /** Whether a server has the folder: then some of what is there is under way. */
  isServed: boolean;
  /** Reads every picture, and every page of the database. */
  isDeep: boolean;
  clock(): number;
}

/** What a check came to. */
export interface Finding {
  check: "permissions" | "disk" | "database" | "events" | "pictures" | "orphans" | "clock" | "targets" | "keys";
  /** `note`: nothing has to be done, but it is good to know. */
  state: "ok" | "note" | "wrong";
  /** What was seen, in one line. */
  said: string;
  /** What to do about it. */
  todo?: string;
  /** Whether `--repair` does it. */
  isRepairable?: true;
}

export const byRepair = { todo: "gatepost doctor --repair", isRepairable: true } as const;

export function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
