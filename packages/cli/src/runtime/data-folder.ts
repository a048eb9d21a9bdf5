import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { refuseLostDatabase } from "@gatepost/embedded";
import { Failure, sayWhy } from "../failure.ts";
import { pathWord } from "../hints.ts";
import { dataFailure } from "./data-failure.ts";

/** Entries of a folder that are looked at, at most. */
const maxEntries = 1000;

/** The absolute path of an existing data folder. Throws Failure if it is none, or its database is gone. */
export function existingFolder(data: string): string {
  const folder = resolve(data);
  try {
    refuseLostDatabase(folder);
  } catch (error) {
    throw dataFailure(error, folder);
  }
  if (isStore(folder)) return folder;
  const found = findNear(folder);
  const advice =
    found === null
      ? "give its folder with --data; `gatepost serve` makes one"
      : `did you mean --data ${pathWord(found)}?`;
  throw new Failure(`no Gatepost in ${folder}${isFile(folder) ? ", which is a file" : ""}; ${advice}`);
}

/** Prints the data folder of a command to stderr: scripts read the answer from stdout. */
export function nameFolder(folder: string): void {
  process.stderr.write(`data folder: ${sayWhy(folder)}\n`);
}

function isStore(folder: string): boolean {
  return existsSync(join(folder, "gatepost.db"));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** The nearest folder with a store: in `folder`, above it or beside it. Null if there is none. */
function findNear(folder: string): string | null {
  const above = foldersAbove(folder);
  const named = [folder, ...above].map((path) => join(path, ".gatepost"));
  const candidates = [...named, ...foldersIn(folder), ...foldersIn(dirname(folder)), ...above];
  return candidates.find(isStore) ?? null;
}

function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...foldersAbove(parent)];
}

function foldersIn(path: string): string[] {
  try {
    const names = readdirSync(path).slice(0, maxEntries).sort();
    return names.map((name) => join(path, name));
  } catch {
    return [];
  }
}
