import { chmodSync, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";

/** Whoever is not the owner: the group and everybody else. */
const others = 0o077;

const ofSqlite = (name: string) => ["", "-wal", "-shm", "-journal"].map((ending) => name + ending);

/** Every file that Gatepost may have in a data folder. */
const fileNames = [
  ...ofSqlite("gatepost.db"),
  ...ofSqlite("lock.db"),
  // How far a migration is.
  ...ofSqlite("migration.db"),
  "reserve",
  // A copy that is being shipped.
  "ship.db",
  // How far it went to a bucket.
  ...["shipped.json", "shipped.json.part"],
  ...["server.json", "rules.json", "first-keys.json"].flatMap((name) => [name, `${name}.new`]),
];

/** What is wrong with who may do what with a file. */
export interface ModeFault {
  path: string;
  fault: "link" | "owner" | "mode";
  uid: number;
  /** The mode that it should have. */
  wanted: number;
}

/**
 * Makes an existing data folder its owner's alone, its files included. Throws, in one line that says what to do, for what belongs to another
 * user, and for a symbolic link inside. Does nothing on Windows, which has neither modes nor these owners.
 *
 * @param path of the data folder, which may be a link itself: that is for the operator to say
 */
export function makeOwnerOnly(path: string): void {
  for (const found of modeFaults(path)) {
    if (found.fault === "mode" && found.path === path && !isOwnFolder(path)) {
      throw new Error(
        `${path} has other files in it, and other users may read it: give Gatepost a folder of its own with --data, or make this one yours alone with chmod 700`,
      );
    }
    mend(found);
  }
}

/** The data folder, and every file in it that Gatepost may have, as far as others may do something with it. */
export function* modeFaults(path: string): Iterable<ModeFault> {
  if (process.getuid === undefined || statsOf(path, statSync) === undefined) return;
  yield* faultOf(path, 0o700, statSync);
  const packs = join(path, "pictures");
  yield* faultOf(packs, 0o700);
  const packNames = statsOf(packs, lstatSync)?.isDirectory() === true ? readdirSync(packs) : [];
  const files = [...fileNames.map((name) => join(path, name)), ...packNames.map((name) => join(packs, name))];
  for (const file of files) yield* faultOf(file, 0o600);
}

/** Whether Gatepost puts a file of this name into a data folder. */
export function isKnownFile(name: string): boolean {
  return name === "pictures" || name === "exports" || fileNames.includes(name);
}

/** Whether nothing is in a folder but what Gatepost puts there, or a store is among it. */
function isOwnFolder(path: string): boolean {
  const names = readdirSync(path);
  return names.includes("gatepost.db") || names.every((name) => name === "pictures" || fileNames.includes(name));
}

function* faultOf(
  path: string,
  wanted: number,
  read: typeof lstatSync | typeof statSync = lstatSync,
): Iterable<ModeFault> {
  const stats = statsOf(path, read);
  if (stats === undefined) return;
  const { uid } = stats;
  if (stats.isSymbolicLink()) yield { path, fault: "link", uid, wanted };
  else if (uid !== process.getuid?.()) yield { path, fault: "owner", uid, wanted };
  else if ((stats.mode & others) !== 0) yield { path, fault: "mode", uid, wanted };
}

function mend(found: ModeFault): void {
  if (found.fault !== "mode") throw new Error(sayFault(found));
  try {
    chmodSync(found.path, found.wanted);
  } catch (cause) {
    throw new Error(`${found.path} may be read by other users, and that cannot be changed: use chmod`, { cause });
  }
}

/** What is wrong, and what to do. */
export function sayFault({ path, fault, uid }: ModeFault): string {
  if (fault === "link")
    return `${path} is a symbolic link, which Gatepost does not follow: put there what it points to, or give another folder with --data`;
  if (fault === "owner")
    return `${path} belongs to another user (uid ${uid}): run Gatepost as that user, or make it yours with chown`;
  return `${path} may be read by other users`;
}

function statsOf(path: string, read: typeof statSync | typeof lstatSync): Stats | undefined {
  return read(path, { throwIfNoEntry: false });
}
