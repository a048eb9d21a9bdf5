import { existsSync } from "node:fs";
import { join } from "node:path";
import { Database, lock } from "@gatepost/sqlite";
import { refuseLostDatabase } from "../../db/lost-database.ts";
import { makeOwnerOnly } from "../../db/owner-only.ts";
import { openStore } from "../../db/read-only.ts";
import { openRuntime } from "../../runtime/runtime.ts";
import { PicturesOf } from "../picture-rows.ts";
import { BackupRefused } from "../refused.ts";
import { damageOf } from "../snapshot.ts";
import { disk, permissions } from "./disk.ts";
import { events } from "./events.ts";
import type { Examined, Finding } from "./finding.ts";
import { orphans, removeOrphans } from "./orphans.ts";
import { pictures, unreadable } from "./pictures.ts";
import { clock, database, erasures, fromBackup, keys, sqlite } from "./store.ts";
import { company, targets } from "./targets.ts";

type Check = readonly [name: Finding["check"], check: (examined: Examined) => AsyncIterable<Finding>];

const ofFolder: readonly Check[] = [
  ["permissions", permissions],
  ["disk", disk],
  ["targets", targets],
  ["company", company],
];

const ofDatabase: readonly Check[] = [
  ["sqlite", sqlite],
  ["database", database],
];

/** Checks of rows: a damaged database, or one of a newer version, cannot answer them. */
const ofRows: readonly Check[] = [
  ["events", events],
  ["pictures", pictures],
  ["orphans", orphans],
  ["clock", clock],
  ["erasures", erasures],
  ["keys", keys],
];

const quiet = () => {};
const log = { info: quiet, warn: quiet, error: quiet };

/** ms to wait for a program that has locked the database. */
const lockTimeoutMs = 5000;

/**
 * Examines a data folder, also while a server runs on it, and changes nothing. A check that fails is itself a finding.
 * Throws if the folder has lost its database.
 *
 * @param isDeep whether every picture and every page is read
 * @param passkeyHost the host of which the server that uses it has passkeys; undefined if that is not known
 */
export async function examine(
  path: string,
  { isDeep, passkeyHost, now = Date.now }: { isDeep: boolean; passkeyHost?: string | undefined; now?: () => number },
): Promise<Finding[]> {
  refuseLostDatabase(path);
  const isServed = isTaken(path);
  using opened = openStore(join(path, "gatepost.db"), { timeout: lockTimeoutMs });
  const examined: Examined = { path, database: opened, isServed, isDeep, passkeyHost, clock: now };
  const findings = await found([...ofFolder, ...ofDatabase], examined);
  if (findings.some(({ check, state }) => check === "database" && state === "wrong")) return findings;
  return [...findings, ...(await found(ofRows, examined))];
}

async function found(checks: readonly Check[], examined: Examined): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, check] of checks) {
    try {
      for await (const finding of check(examined)) findings.push(finding);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      findings.push({ check: name, state: "wrong", said: `it could not be looked at: ${why}` });
    }
  }
  return findings;
}

function isTaken(path: string): boolean {
  const file = join(path, "lock.db");
  if (!existsSync(file)) return false;
  try {
    lock(file, { wait: 0, taken: (cause) => new BackupRefused("taken", { cause }) })();
    return false;
  } catch (error) {
    if (error instanceof BackupRefused) return true;
    throw error;
  }
}

/** Throws if a database cannot list its pictures. */
function refuseDamaged(path: string): void {
  using opened = new Database(join(path, "gatepost.db"), { readOnly: true, timeout: lockTimeoutMs });
  const damage = damageOf(opened, { isDeep: false });
  if (damage !== null) throw new BackupRefused(`its database is damaged (${damage}): ${fromBackup}`);
}

/**
 * Mends without loss of data: modes, unfinished erasures, packs without any row, and ends of packs that were cut off.
 * Marks pictures that are missing or damaged, so that their events say so and a repeated report stores them again.
 * Throws DataDirLocked if a server uses the folder; and, before any picture is touched, if the database is missing or
 * damaged.
 */
export async function repair(path: string): Promise<void> {
  refuseLostDatabase(path);
  makeOwnerOnly(path);
  refuseDamaged(path);
  const runtime = await openRuntime({ data: path, log });
  try {
    using opened = new Database(join(path, "gatepost.db"), { readOnly: true, timeout: lockTimeoutMs });
    const rows = new PicturesOf(opened);
    for (const { month, sha256 } of await unreadable({ path }, rows.held()))
      await runtime.reads.pictures.find(month, sha256);
    await removeOrphans(path, opened);
    await runtime.lostPictures.flag();
    await runtime.reserve.fill();
  } finally {
    await runtime.close();
  }
}

/**
 * Accepts the clock of this machine, if the store has noted another time. Throws DataDirLocked if a server uses the
 * folder.
 */
export async function trustClock(path: string): Promise<void> {
  const runtime = await openRuntime({ data: path, log });
  try {
    await runtime.storeClock.trust();
  } finally {
    await runtime.close();
  }
}
