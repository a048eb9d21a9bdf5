import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, syncFolder } from "@gatepost/sqlite";
import { refuseLostDatabase } from "./lost-database.ts";
import { makeOwnerOnly } from "./owner-only.ts";

/** The files of a data folder. Everything in it is for its owner alone. */
export interface DataDir {
  path: string;
  database: string;
  lock: string;
  /** Where and with which token the running server can be reached from this machine. */
  server: string;
  packs: string;
  /** The results of exports. It is made with the first. */
  exports: string;
  /** The rules of the bus, written by the operator. */
  rules: string;
  /** Keeps room on the disk for what must be written when it is full. */
  reserve: string;
  /** A copy of the database, as long as it is being shipped. */
  copy: string;
}

/** Creates a data folder, or opens the one that exists. Throws where others could change it, and where it has lost its database. */
export function openDataDir(path: string): DataDir {
  makeOwnerOnly(path);
  refuseLostDatabase(path);
  const packs = join(path, "pictures");
  makeFolder(packs);
  const folder = {
    path,
    database: join(path, "gatepost.db"),
    lock: join(path, "lock.db"),
    server: join(path, "server.json"),
    packs,
    exports: join(path, "exports"),
    rules: join(path, "rules.json"),
    reserve: join(path, "reserve"),
    copy: join(path, "ship.db"),
  };
  // SQLite gives its side files the permissions of the file they belong to.
  closeSync(openSync(folder.database, "a", 0o600));
  syncFolder(packs);
  syncFolder(path);
  return folder;
}

/**
 * Remembers which file a path names now. The returned check throws once the path names another file or none: a write
 * into a removed file is lost without an error.
 */
export function watchFile(path: string): () => void {
  const { ino } = statSync(path);
  return () => {
    if (statSync(path).ino !== ino) throw new Error("a file of the data folder was replaced while it was in use");
  };
}
