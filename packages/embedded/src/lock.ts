import { DatabaseSync } from "node:sqlite";

/** Another process uses the data folder. */
export class MachineBusy extends Error {
  constructor(path: string, options?: ErrorOptions) {
    super(`another Gatepost uses ${path}; stop it first, or give another folder with --data`, options);
    this.name = "MachineBusy";
  }
}

/**
 * Takes a data folder for this process alone. The lock is one of the operating system's, so it ends with the process
 * however that ends. Throws MachineBusy when it is not free within `wait` ms.
 */
export function lock(file: string, { folder, wait }: { folder: string; wait: number }): () => void {
  const database = new DatabaseSync(file, { timeout: wait });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw new MachineBusy(folder, { cause: error });
  }
  return () => database.close();
}
