import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import {
  Attempts,
  hashToken,
  type Key,
  type KeyStore,
  type Log,
  newToken,
  type Ports,
  type Settings,
} from "@gatepost/ingest";
import { api, type EventReader, type PictureReader } from "@gatepost/query";
import { SqliteActionLedger } from "./action-ledger.ts";
import { openDatabase } from "./database.ts";
import { Eraser } from "./eraser.ts";
import { SqliteEventIndex } from "./event-index.ts";
import { SqliteEventReader } from "./event-reader.ts";
import { EventRows } from "./event-rows.ts";
import { openFolder, watchFile } from "./folder.ts";
import { SqliteKeyStore } from "./key-store.ts";
import { lock } from "./lock.ts";
import { jsonLog } from "./log.ts";
import { PicturePacks } from "./picture-packs.ts";
import { type QuarantineLimits, SqliteQuarantine } from "./quarantine-store.ts";
import { Retention } from "./retention.ts";
import { Writer } from "./writer.ts";

export interface MachineOptions {
  /** The data folder. */
  data: string;
  /** ms to wait for another process to leave the folder. */
  wait?: number;
  settings?: Partial<Settings>;
  clock?: () => number;
  log?: Log;
  quarantineLimits?: QuarantineLimits;
}

/** One data folder, opened for this process alone: all ports on it, and the API over them. */
export interface Machine {
  folder: ReturnType<typeof openFolder>;
  ingest: Ports;
  reads: { events: EventReader; pictures: PictureReader; keyAdmin: SqliteKeyStore; quarantine: SqliteQuarantine };
  api: ReturnType<typeof api>;
  /** An admin token of this process alone; it is stored nowhere. */
  adminToken: string;
  eraser: Eraser;
  retention: Retention;
  close(): Promise<void>;
}

const settings: Settings = { retentionDays: 90, keepFeatures: false, openBox: null, announceEvents: false };

/** Opens a data folder. Throws MachineBusy where another process has it. */
export async function openMachine(options: MachineOptions): Promise<Machine> {
  const { clock = Date.now, log = jsonLog((line) => process.stderr.write(line)), wait = 0 } = options;
  const folder = openFolder(resolve(options.data));
  const unlock = lock(folder.lock, { folder: folder.path, wait });
  const database = openDatabase(folder.database);
  const writer = new Writer(database, watchFile(folder.database));
  const packs = new PicturePacks(folder.packs, database, writer);
  const rows = new EventRows(database);
  const keyStore = new SqliteKeyStore(database, writer, { clock, log });
  const quarantine = new SqliteQuarantine(database, writer, { log, limits: options.quarantineLimits });
  const eraser = new Eraser(database, writer, packs);
  const adminToken = newToken("admin");
  const ingest: Ports = {
    keys: withProcessKey(keyStore, adminToken),
    attempts: new Attempts(clock),
    pictures: packs,
    index: new SqliteEventIndex(database, writer, rows),
    actions: new SqliteActionLedger(database, writer, { rows, clock }),
    bus: { put: () => Promise.reject(new Error("no bus yet")) },
    quarantine,
    log,
    clock,
    settings: { ...settings, ...options.settings },
  };
  const reads = {
    events: new SqliteEventReader(database, rows, clock),
    pictures: packs,
    keyAdmin: keyStore,
    quarantine,
  };
  await eraser.finish();
  return {
    folder,
    ingest,
    reads,
    api: api({ ...reads, ingest, cursorSecret: cursorSecretOf(database) }),
    adminToken,
    eraser,
    retention: new Retention(database, writer, packs),
    async close() {
      await packs.close();
      await writer.idle();
      database.close();
      unlock();
    },
  };
}

/** The stored keys, and one more that lives as long as this process. */
function withProcessKey(stored: KeyStore, token: string): KeyStore {
  const hash = hashToken(token);
  const key: Key = { id: "key_process", scope: "admin", box: null };
  return { find: (tokenHash) => (tokenHash === hash ? Promise.resolve(key) : stored.find(tokenHash)) };
}

function cursorSecretOf(database: DatabaseSync): Buffer {
  const secret = database.prepare("SELECT value FROM secrets WHERE name = 'cursor'").get()?.["value"];
  if (!(secret instanceof Uint8Array)) throw new Error("the data folder lacks its cursor secret");
  return Buffer.from(secret);
}
