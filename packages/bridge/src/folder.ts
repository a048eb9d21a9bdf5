import { join, resolve } from "node:path";
import { lock, makeFolder as makeDurably } from "@gatepost/sqlite";
import { whyOf } from "./why.ts";

/** Another bridge uses the folder. */
export class BridgeBusy extends Error {}

/**
 * Opens the folder of a spool for this process only. The lock ends with the process, even if that is killed. Throws
 * BridgeBusy.
 */
export function openFolder(name: string): { path: string; unlock(): void } {
  const path = resolve(name);
  makeFolder(path);
  const taken = (cause: unknown) =>
    new BridgeBusy(`another bridge uses ${path}; stop it first, or give another spool.folder`, { cause });
  return { path, unlock: lock(join(path, "lock.db"), { wait: 1000, taken }) };
}

/** Makes a folder that only its owner may use, unless it exists. Its name is durable when this returns. */
export function makeFolder(path: string): void {
  try {
    makeDurably(resolve(path));
  } catch (error) {
    throw new Error(`spool.folder: ${whyOf(error)}; give one that this user may write to`, { cause: error });
  }
}
