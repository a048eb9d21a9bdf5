import { join, resolve } from "node:path";
import { lock, makeFolder as makeDurably } from "@gatepost/sqlite";
import { whyOf } from "./why.ts";

/** Another bridge uses the folder. */
export class BridgeBusy extends Error {}

/**
 * Opens the folder of a spool for this process alone. The lock ends with the process, however that ends. Throws
 * BridgeBusy.
 */
export function openFolder(name: string): { path: string; unlock(): void } {
  const path = resolve(name);
  makeFolder(path);
  const taken = (cause: unknown) =>
    new BridgeBusy(`another bridge uses ${path}; stop it first, or give another spool.folder`, { cause });
  return { path, unlock: lock(join(path, "lock.db"), { wait: 1000, taken }) };
}

/** Makes a folder for its owner alone where there is none. Its name is durable when it returns. */
export function makeFolder(path: string): void {
  try {
    makeDurably(resolve(path));
  } catch (error) {
    throw new Error(`spool.folder: ${whyOf(error)}; give one that this user may write to`, { cause: error });
  }
}
