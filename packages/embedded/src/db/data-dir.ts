import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, syncFolder } from "@gatepost/sqlite";
import { refuseLostDatabase } from "./lost-database.ts";
import { makeOwnerOnly } from "./owner-only.ts";

/** Another process uses the data folder. */
export class DataDirLocked extends Error {
  constructor(path: string, options?: ErrorOptions) {
    super(`another Gatepost uses ${path}; stop it first, or give another folder with --data`, options);
    this.name = "DataDirLocked";
  }
}

/** The files of a data folder. Only their owner may read or write them. */
export interface DataDir {
  path: string;
  database: string;
  lock: string;
  /** The address and the token by which programs on this machine reach the running server. */
  server: string;
  packs: string;
  /** The results of exports. Made with the first one. */
  exports: string;
  /** The rules of the bus. Operators write this file. */
  rules: string;
  /** The sources of reports. Operators write this file. */
  sources: string;
  /** Reserves room on the disk for the writes that a full disk must not stop. */
  reserve: string;
  /** A copy of the database, present only while it is shipped. */
  copy: string;
}

/** Creates or opens a data folder. Throws if other users could change it, and if its database is lost. */
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
    sources: join(path, "sources.json"),
    reserve: join(path, "reserve"),
    copy: join(path, "ship.db"),
  };
  // SQLite gives its side files the permissions of the database file.
  closeSync(openSync(folder.database, "a", 0o600));
  syncFolder(packs);
  syncFolder(path);
  return folder;
}

/**
 * Remembers which file a path names now. The returned check throws once the path names another file or none: a write
 * into a removed file would be lost without an error.
 */
export function watchFile(path: string): () => void {
  const { ino } = statSync(path);
  return () => {
    if (statSync(path).ino !== ino) throw new Error("a file of the data folder was replaced while it was in use");
  };
}
