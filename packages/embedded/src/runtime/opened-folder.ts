import { fdatasync, rmSync } from "node:fs";
import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { GatepostError } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import { lock, Reader, Reserve, Slack, Wal, Writer } from "@gatepost/sqlite";
import { type DataDir, DataDirLocked, openDataDir, watchFile } from "../db/data-dir.ts";
import { openDatabase } from "../db/database.ts";
import { EventRows } from "../events/row.ts";
import { Sequence } from "../events/sequence.ts";
import { PictureRows } from "../pictures/rows.ts";
import { PicturePacks } from "../pictures/store.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { Chosen } from "./options.ts";
import type { Follower } from "./upkeep.ts";

const datasync = promisify(fdatasync);

/** A data folder that only this process uses, and the readers and writers of its files. */
export type OpenedFolder = ReturnType<typeof openFolder>;

/**
 * Opens a data folder. Throws DataDirLocked if another process uses it. If it cannot be opened, it is unlocked again.
 */
export function openFolder({ data, log }: Chosen) {
  const folder = openDataDir(resolve(data));
  const taken = (cause: unknown) => new DataDirLocked(folder.path, { cause });
  const unlock = lock(folder.lock, { wait: 0, taken });
  try {
    return openLocked(folder, unlock, log);
  } catch (error) {
    unlock();
    throw error;
  }
}

function openLocked(folder: DataDir, unlock: () => void, log: Log) {
  // Left by a process that ended while it shipped. It may contain erased data.
  rmSync(folder.copy, { force: true });
  const reserve = new Reserve(folder.reserve);
  const database = reserve.runSync(() => openDatabase(folder.database));
  const sequence = reserve.runSync(() => new Sequence(database));
  const metrics = new Metrics();
  const wal = new Wal(database, folder.database, { datasync: (file) => metrics.sync(() => datasync(file)) });
  const onCopyFailure = (cause: unknown) => log.error("the log stays longer than it should", { cause });
  const reader = new Reader(folder.database, () => {
    return new GatepostError("unavailable", "too much is being counted at once, ask again", { retryAfter: 5 });
  });
  const writer = new Writer(database, {
    before: watchFile(folder.database),
    wal,
    onCopyFailure,
    quietly: (work) => reader.quietly(work),
  });
  const packs = new PicturePacks(folder.packs, { rows: new PictureRows(database), writer, log });
  const slack = new Slack(folder.database);
  return {
    folder,
    reserve,
    database,
    sequence,
    metrics,
    wal,
    reader,
    writer,
    packs,
    rows: new EventRows(database),
    slack,
    cursorSecret: cursorSecretOf(database),
    /**
     * Resolves once everything written is durable, and the follower has it. If a step fails, for example on a removed
     * disk, the others are done all the same.
     */
    async close(follower: Follower | null): Promise<void> {
      // They are done from the last to the first.
      await using closing = new AsyncDisposableStack();
      closing.defer(unlock);
      closing.defer(() => slack.close());
      closing.defer(() => database.close());
      closing.defer(() => wal.close());
      closing.defer(() => reader.close());
      closing.defer(() => follower?.end());
      closing.defer(() => writer.idle());
      closing.defer(() => packs.close());
    },
  };
}

/** The secret that signs cursors and the links of alerts. */
function cursorSecretOf(database: DatabaseSync): Buffer {
  const secret = database.prepare("SELECT value FROM secrets WHERE name = 'cursor'").get()?.["value"];
  if (!(secret instanceof Uint8Array)) throw new Error("the data folder lacks its cursor secret");
  return Buffer.from(secret);
}
