import { statSync } from "node:fs";
import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { lacksInodes, reservedBytes } from "@gatepost/sqlite";
import { modeFaults, sayFault } from "../../db/owner-only.ts";
import { isCode } from "../refused.ts";
import { byRepair, type Examined, type Finding, inBytes } from "./finding.ts";

/** The share of the disk that must be free. */
const minFreeShare = 0.05;

/** With more bytes, the log is not being copied into the database. */
const longLogBytes = 256 * 1024 * 1024;

/** Links and other owners are for the operator to mend; modes can be mended here. */
export async function* permissions({ path }: Pick<Examined, "path">): AsyncGenerator<Finding> {
  let faults = 0;
  for (const found of modeFaults(path)) {
    if (found.path === path && found.fault === "owner") return yield ofAnother(found.uid);
    faults += 1;
    const how = found.fault === "mode" ? byRepair : {};
    yield { check: "permissions", state: "wrong", said: sayFault(found), ...how };
  }
  if (faults === 0) yield { check: "permissions", state: "ok", said: "the folder is its owner's alone" };
}

/** Reported once and not for each file: the user of the service should own its folder. */
function ofAnother(uid: number): Finding {
  const said = `the folder belongs to another user (uid ${uid})`;
  return { check: "permissions", state: "wrong", said, todo: `run the command as that user: sudo -u '#${uid}' …` };
}

export async function* disk({ path, isServed }: Examined): AsyncGenerator<Finding> {
  const { blocks, bavail, bsize } = await statfs(path);
  const free = `${inBytes(bavail * bsize)} of ${inBytes(blocks * bsize)} are free`;
  const isLow = bavail < blocks * minFreeShare;
  yield isLow
    ? { check: "disk", state: "wrong", said: free, todo: "make room, or keep events for fewer days" }
    : { check: "disk", state: "ok", said: free };
  if (lacksInodes(path))
    yield { check: "disk", state: "wrong", said: "no file can be made: the inodes are used up", todo: "remove files" };
  yield* writes(path);
  const reserve = statSync(join(path, "reserve"), { throwIfNoEntry: false })?.size ?? 0;
  if (reserve < reservedBytes && !isServed)
    yield {
      check: "disk",
      state: "note",
      said: "no room is reserved for the writes that a full disk must not stop",
      ...byRepair,
    };
  const log = statSync(join(path, "gatepost.db-wal"), { throwIfNoEntry: false })?.size ?? 0;
  if (log > longLogBytes) {
    const said = `the log of the database has ${inBytes(log)}`;
    yield { check: "disk", state: "note", said, todo: "end what reads the database, such as a backup that hangs" };
  }
}

const makeRoom = "make room, or let the user that runs Gatepost own the folder";

/** Whether a file can be made, written and synced. */
async function* writes(path: string): AsyncGenerator<Finding> {
  const probe = join(path, "doctor.probe");
  try {
    await using file = await open(probe, "w", 0o600);
    await file.write(Buffer.alloc(4096, 1));
    await file.sync();
    yield { check: "disk", state: "ok", said: "it takes writes" };
  } catch (error) {
    const said = `it takes no writes: ${error instanceof Error ? error.message : String(error)}`;
    const todo = isCode(error, "EROFS") ? "mount it for writing; the system's log says why it is not" : makeRoom;
    yield { check: "disk", state: "wrong", said, todo };
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}
