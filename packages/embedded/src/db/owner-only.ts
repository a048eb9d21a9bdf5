import { chmodSync, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";

/** The permissions of the group and of all other users. */
const others = 0o077;

const ofSqlite = (name: string) => ["", "-wal", "-shm", "-journal"].map((ending) => name + ending);

/** Every file that Gatepost may have in a data folder. */
const fileNames = [
  ...ofSqlite("gatepost.db"),
  ...ofSqlite("lock.db"),
  // The progress of a migration.
  ...ofSqlite("migration.db"),
  "reserve",
  // The copy of the database that is being shipped.
  "ship.db",
  // How far shipping to a bucket went.
  ...["shipped.json", "shipped.json.part"],
  ...["server.json", "rules.json", "first-keys.json", "factors.key"].flatMap((name) => [name, `${name}.new`]),
];

/** Wrong permissions or a wrong owner of a file. */
export interface ModeFault {
  path: string;
  fault: "link" | "owner" | "mode";
  uid: number;
  /** The mode that the file should have. */
  wanted: number;
}

/**
 * Lets only the owner use an existing data folder and its files. Throws, in one line that says what to do, for files of
 * another user and for symbolic links inside. Does nothing on Windows, which has neither these modes nor these owners.
 *
 * @param path of the data folder, which may be a link itself: that is for the operator to say
 */
export function makeOwnerOnly(path: string): void {
  for (const found of modeFaults(path)) {
    if (found.fault === "mode" && found.path === path && !isOwnFolder(path)) {
      throw new Error(
        `${path} has other files in it, and other users may read it: give Gatepost an empty folder with --data, or make this one yours alone with chmod 700`,
      );
    }
    mend(found);
  }
}

/** The data folder and its known files, as far as other users may use them. */
export function* modeFaults(path: string): Iterable<ModeFault> {
  if (process.getuid === undefined || statsOf(path, statSync) === undefined) return;
  yield* faultOf(path, 0o700, statSync);
  const packs = join(path, "pictures");
  yield* faultOf(packs, 0o700);
  const packNames = statsOf(packs, lstatSync)?.isDirectory() === true ? readdirSync(packs) : [];
  const files = [...fileNames.map((name) => join(path, name)), ...packNames.map((name) => join(packs, name))];
  for (const file of files) yield* faultOf(file, 0o600);
}

/** Whether a file of a data folder is of Gatepost, or read by it. */
export function isKnownFile(name: string): boolean {
  return (
    ["pictures", "exports", "oidc.json", "sources.json", "sources.json.new"].includes(name) || fileNames.includes(name)
  );
}

/** Whether a folder contains only files of Gatepost, or contains a store. */
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
    // On a disk that is mounted for reading, no command helps.
    if (cause instanceof Error && "code" in cause && cause.code === "EROFS") throw cause;
    throw new Error(`${found.path} may be read by other users, and that cannot be changed: use chmod`, { cause });
  }
}

/** The fault, and the remedy. */
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
