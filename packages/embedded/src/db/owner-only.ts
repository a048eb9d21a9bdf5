import { chmodSync, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";

/** Whoever is not the owner: the group and everybody else. */
const others = 0o077;

const ofSqlite = (name: string) => ["", "-wal", "-shm", "-journal"].map((ending) => name + ending);

/** Every file that Gatepost may have in a data folder. */
const fileNames = [
  ...ofSqlite("gatepost.db"),
  ...ofSqlite("lock.db"),
  "reserve",
  ...["server.json", "rules.json", "first-keys.json"].flatMap((name) => [name, `${name}.new`]),
];

/**
 * Makes an existing data folder its owner's alone, its files included. Throws, in one line that says what to do, for what belongs to another
 * user, and for a symbolic link inside. Does nothing on Windows, which has neither modes nor these owners.
 *
 * @param path of the data folder, which may be a link itself: that is for the operator to say
 */
export function makeOwnerOnly(path: string): void {
  const stats = statsOf(path, statSync);
  if (process.getuid === undefined || stats === undefined) return;
  if ((stats.mode & others) !== 0 && !isOwnFolder(path)) {
    throw new Error(
      `${path} has other files in it, and other users may read it: give Gatepost a folder of its own with --data, or make this one yours alone with chmod 700`,
    );
  }
  restrict(path, stats, 0o700);
  const packs = join(path, "pictures");
  checkInside(packs, 0o700);
  const packNames = statsOf(packs, lstatSync)?.isDirectory() === true ? readdirSync(packs) : [];
  const files = [...fileNames.map((name) => join(path, name)), ...packNames.map((name) => join(packs, name))];
  for (const file of files) checkInside(file, 0o600);
}

/** Whether nothing is in a folder but what Gatepost puts there, or a store is among it. */
function isOwnFolder(path: string): boolean {
  const names = readdirSync(path);
  return names.includes("gatepost.db") || names.every((name) => name === "pictures" || fileNames.includes(name));
}

function checkInside(path: string, mode: number): void {
  const stats = statsOf(path, lstatSync);
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) {
    throw new Error(
      `${path} is a symbolic link, which Gatepost does not follow: put there what it points to, or give another folder with --data`,
    );
  }
  restrict(path, stats, mode);
}

function restrict(path: string, { uid, mode }: Stats, wanted: number): void {
  if (uid !== process.getuid?.()) {
    throw new Error(
      `${path} belongs to another user (uid ${uid}): run Gatepost as that user, or make it yours with chown`,
    );
  }
  if ((mode & others) === 0) return;
  try {
    chmodSync(path, wanted);
  } catch (cause) {
    throw new Error(`${path} may be read by other users, and that cannot be changed: use chmod`, { cause });
  }
}

function statsOf(path: string, read: typeof statSync | typeof lstatSync): Stats | undefined {
  return read(path, { throwIfNoEntry: false });
}
