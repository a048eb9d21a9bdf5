import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { setupUse } from "@gatepost/core/accounts";
import { erasedName } from "@gatepost/core/erasure";
import { revocation } from "@gatepost/core/keys";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { openDatabase } from "../db/database.ts";
import { itemsIn } from "../db/items.ts";
import { openReadable } from "../db/read-only.ts";
import { openRuntime } from "../runtime/runtime.ts";
import { copyInto } from "./bytes.ts";
import { BackupRefused } from "./refused.ts";
import { copyDatabase, openCopy, storeOf } from "./snapshot.ts";
import { openBackup } from "./source.ts";

/** The erasures, revocations and used first links in a store since a backup of it was made. */
interface Later {
  erased: { name: string; box: string | null; at: number }[];
  revoked: { id: string; revoked_at: number }[];
  used: { pk: string; used_at: number }[];
}

/** The erasures and revocations that were repeated in a restored store. */
export interface TakenOver {
  /** Erasures that the backup does not know. */
  erasures: number;
  /** Events that these erasures removed. */
  events: number;
  /** Keys that were revoked again. */
  keys: number;
}

const erasedRow = z.object({ name: z.string(), box: z.string().nullable(), at: z.int() });
const revokedRow = z.object({ id: z.string(), revoked_at: z.int() });
const usedRow = z.object({ pk: z.string(), used_at: z.number() });
const secretRow = z.object({ value: z.instanceof(Uint8Array) });
const personRow = z.object({ person: z.string(), box: z.string() });
const keyRow = z.object({ person: z.string() });
const eventRow = z.object({ id: z.string(), box: z.string() });

/**
 * Repeats, in a restored data folder, the erasures and revocations that the store has made since the backup, and notes
 * the first links that were used. An erasure contains only a keyed hash of the person: each person in the folder is
 * compared with it.
 *
 * @param later the data folder as it was last, or a later backup of the same store
 */
export async function eraseAgain(data: string, later: string | { database: string }): Promise<TakenOver> {
  const copy = join(data, "later.db");
  try {
    if (typeof later === "string") await copyLater(later, copy);
    const [file, place] = typeof later === "string" ? [copy, later] : [later.database, "the bucket"];
    const { targets, ...counts } = takeOver(join(data, "gatepost.db"), file, place);
    return { ...counts, events: await erase(data, targets) };
  } finally {
    await rm(copy, { force: true });
  }
}

/**
 * Which store a later one is. A restore asks this first: it may take hours, and must not fail after them by the name of
 * another folder.
 */
export async function storeOfLater(later: string): Promise<string> {
  const inFolder = join(later, "gatepost.db");
  if (existsSync(inFolder)) {
    using database = openReadable(inFolder);
    return reading(later, () => storeOf(database));
  }
  const source = await openBackup(later);
  return source.manifest.store;
}

/** Copies the database of the later store into a file. */
async function copyLater(later: string, to: string): Promise<void> {
  const inFolder = join(later, "gatepost.db");
  if (existsSync(inFolder)) return copyDatabase(inFolder, to);
  const source = await openBackup(later);
  await using bytes = await source.open(source.manifest.database.name);
  if (bytes === null) throw new BackupRefused(`${later} lacks its database`);
  if ((await copyInto(to, bytes)).sha256 !== source.manifest.database.sha256)
    throw new BackupRefused(`the database of ${later} is damaged`);
}

interface Target {
  at: number;
  erase: { person: string; box: string | null } | { event: string };
}

function takeOver(file: string, copy: string, place: string) {
  using database = openDatabase(file);
  const { erased, revoked, used } = readLater(copy, { store: storeOf(database), place });
  const known = database.prepare("SELECT 1 FROM suppressed WHERE name = ? AND at >= ?");
  const fresh = erased.filter(({ name, at }) => known.get(name, at) === undefined);
  const note = database.prepare(
    "INSERT INTO suppressed (name, box, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
  );
  const items = itemsIn(database);
  // The person of a status is known only by a keyed hash. The status is removed; the box sends the next one.
  const dropStatuses = database.prepare(
    `DELETE FROM items WHERE pk IN (SELECT 'notice ' || kind || ' ' || box FROM notices
       WHERE (?1 IS NULL OR box = ?1) AND received_at <= ?2)`,
  );
  database.exec("BEGIN IMMEDIATE");
  for (const { name, box, at } of fresh) {
    note.run(name, box, at);
    dropStatuses.run(box, at);
  }
  let keys = 0;
  for (const { id, revoked_at } of revoked) {
    const { applied, previous } = items.writeNow(revocation(id, revoked_at));
    if (applied && previous?.["revokedAt"] === undefined) keys += 1;
  }
  for (const { pk, used_at } of used) items.writeNow(setupUse(pk, used_at));
  database.exec("COMMIT");
  return { erasures: fresh.length, keys, targets: targetsOf(database, fresh) };
}

function readLater(copy: string, { store, place }: { store: string; place: string }): Later {
  using database = openCopy(copy);
  if (reading(place, () => storeOf(database)) !== store) throw ofAnotherStore(place);
  const rows = (sql: string) => database.prepare(sql).all();
  return reading(place, () => ({
    erased: rows("SELECT name, box, at FROM suppressed").map((row) => parseStored(erasedRow, row, "an erasure")),
    revoked: rows("SELECT id, revoked_at FROM keys WHERE revoked_at IS NOT NULL").map((row) =>
      parseStored(revokedRow, row, "a revoked key"),
    ),
    used: rows(
      "SELECT pk, item ->> 'usedAt' AS used_at FROM items WHERE pk > 'setup ' AND pk < 'setup!' AND used_at IS NOT NULL",
    ).map((row) => parseStored(usedRow, row, "a used first link")),
  }));
}

export function ofAnotherStore(place: string): BackupRefused {
  return new BackupRefused(`${place} is of another store than the backup`);
}

/** Reads from the database of a later store, which may be on a broken disk. */
function reading<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new BackupRefused(
      `the database of ${place} cannot be read, so its erasures and revocations are not known; ` +
        "name a later backup, or restore without --later, and erase and revoke again",
      { cause },
    );
  }
}

/** The people and events of the restored store that were erased later. */
function targetsOf(database: DatabaseSync, fresh: Later["erased"]): Target[] {
  const erasedAt = new Map(fresh.map(({ name, at }) => [name, at]));
  const secret = database.prepare("SELECT value FROM secrets WHERE name = 'suppression'").get();
  const key = parseStored(secretRow, secret, "secret suppression").value;
  const targets = new Map<string, Target>();
  const look = (erase: Target["erase"]) => {
    const name = erasedName(erase, key);
    const at = erasedAt.get(name);
    if (at !== undefined) targets.set(name, { at, erase });
  };
  if (fresh.length === 0) return [];
  const people = database.prepare("SELECT DISTINCT person, box FROM events WHERE person IS NOT NULL");
  for (const row of people.iterate()) {
    const { person, box } = parseStored(personRow, row, "a person");
    look({ person, box });
    look({ person, box: null });
  }
  // One who has a record may have no event: a planned day, a correction.
  const boxes = new Set(fresh.map(({ box }) => box));
  const recorded = database.prepare(
    `SELECT DISTINCT item ->> 'key' AS person FROM items WHERE by_person IS NOT NULL
       AND json_type(iif(json_valid(item), item, NULL), '$.key') = 'text'`,
  );
  for (const row of recorded.iterate()) {
    const { person } = parseStored(keyRow, row, "a record of a person");
    for (const box of boxes) look({ person, box });
  }
  for (const row of database.prepare("SELECT id, box FROM events").iterate())
    look({ event: parseStored(eventRow, row, "an event").id });
  return [...targets.values()];
}

async function erase(data: string, targets: readonly Target[]): Promise<number> {
  if (targets.length === 0) return 0;
  const quiet = () => {};
  const runtime = await openRuntime({ data, log: { info: quiet, warn: quiet, error: quiet } });
  let events = 0;
  try {
    for (const { at, erase: what } of targets) {
      if ("event" in what) events += Number(await runtime.eraser.eraseEvent(what.event));
      else events += await erasePerson(runtime, { ...what, at });
    }
  } finally {
    await runtime.close();
  }
  return events;
}

const eventsAtOnce = 200;

async function erasePerson(
  { eraser }: Awaited<ReturnType<typeof openRuntime>>,
  erasure: { person: string; box: string | null; at: number },
): Promise<number> {
  let progress = await eraser.eraseSome(erasure, eventsAtOnce);
  while (!progress.isDone) progress = await eraser.eraseSome(erasure, eventsAtOnce, progress);
  return progress.events;
}
