import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Writer } from "@gatepost/sqlite";
import { MemoryItems } from "@gatepost/store";
import { emptyLog, openDatabase } from "../../packages/embedded/src/db/database.ts";
import { SqliteItems } from "../../packages/embedded/src/db/items.ts";
import { ChangesOfType } from "../../packages/embedded/src/events/change-feed.ts";
import { SqliteOpenWork } from "../../packages/embedded/src/statistics/open-work.ts";
import { statusesOf } from "../runtime/embedded/box-status.ts";
import { temporaryDataFolder, temporaryRuntime } from "../runtime/embedded/temporary.ts";
import { actionOrdersContract } from "./action-orders.ts";
import { actionOutboxContract, untoldActionsContract } from "./action-outbox.ts";
import { alarmsContract } from "./alarms.ts";
import { changeFeedContract } from "./change-feed.ts";
import { eventEraserContract } from "./event-eraser.ts";
import { eventIndexContract } from "./event-index.ts";
import { eventOutboxContract } from "./event-outbox.ts";
import { eventReaderContract } from "./event-reader.ts";
import { exportsContract } from "./exports.ts";
import { halfHoursContract } from "./half-hours.ts";
import { itemsContract } from "./items.ts";
import { newsContract } from "./news.ts";
import { openWorkContract } from "./open-work.ts";
import { passingsContract } from "./passings.ts";
import { pictureStoreContract } from "./picture-store.ts";
import { quarantineContract } from "./quarantine.ts";
import { recordsContracts } from "./records.ts";
import { day, noon } from "./samples.ts";
import { seenMarksContract } from "./seen-marks.ts";
import { settlingKeysContract } from "./settling-keys.ts";
import { smallReadsContract } from "./small-reads.ts";
import { suppressionContract } from "./suppression.ts";
import { visitsContract } from "./visits.ts";

async function openIndex() {
  let now = noon;
  const { runtime, close } = await temporaryRuntime({ clock: () => now });
  const { index, pictures, actions, eventOutbox } = runtime.ingest;
  const { feed, devices, tickets, actionReader, orders, seen, acknowledgements, notes, eraser } = runtime.reads;
  const setClock = (time: number) => {
    now = time;
  };
  return {
    index,
    pictures,
    actions,
    eventOutbox,
    reader: runtime.reads.events,
    actionReader,
    orders,
    seen,
    acknowledgements,
    notes,
    items: new MemoryItems({ clock: () => now }),
    eraser,
    feed,
    devices,
    tickets,
    told: false,
    setClock,
    close,
    folder: runtime.folder,
  };
}

async function openIndexOf(type: "blacklist" | "visitor") {
  const opened = await openIndex();
  const database = new DatabaseSync(opened.folder.database, { readOnly: true });
  const feed = new ChangesOfType(database, { type, clock: () => noon });
  const close = async () => {
    database.close();
    await opened.close();
  };
  return { ...opened, feed, close };
}

eventIndexContract("SQLite", openIndex);
eventReaderContract("SQLite", openIndex);
seenMarksContract("SQLite", openIndex);
alarmsContract("SQLite", () => openIndexOf("blacklist"));
visitsContract("SQLite", () => openIndexOf("visitor"));
actionOutboxContract("SQLite", openIndex);
untoldActionsContract("SQLite", openIndex);
eventOutboxContract("SQLite", openIndex);
actionOrdersContract("SQLite", openIndex);
changeFeedContract("SQLite", openIndex);
newsContract("SQLite", openIndex);
smallReadsContract("SQLite", openIndex);

async function openCounts() {
  let now = noon;
  const { runtime, close } = await temporaryRuntime({ clock: () => now });
  const { index, quarantine, actions } = runtime.ingest;
  const { events: reader, eraser, statistics: counts, passings, peopleSettings: settings } = runtime.reads;
  const beside = new DatabaseSync(runtime.folder.database, { readOnly: true });
  const work = new SqliteOpenWork(beside, { clock: () => now, lifetime: () => 90 * day });
  return {
    index,
    quarantine,
    actions,
    work,
    reader,
    eraser,
    counts,
    passings,
    settings,
    settle: async () => {},
    removeExpired: async () => void (await runtime.retention.sweep(now)),
    close: async () => {
      beside.close();
      await close();
    },
    setClock: (time: number) => {
      now = time;
    },
  };
}

passingsContract("SQLite", openCounts);
halfHoursContract("SQLite", openCounts, { runs: 20 });
openWorkContract("SQLite", openCounts);

eventEraserContract("SQLite", async () => {
  const { runtime, close } = await temporaryRuntime({ clock: () => noon });
  const { events, eraser, pictures, quarantine, rolls, visits } = runtime.reads;
  const { index, pictures: store } = runtime.ingest;
  return {
    index,
    eraser,
    events,
    rolls,
    visits,
    store,
    pictures,
    quarantine,
    boxStatus: runtime.ingest.boxStatus,
    statusesOf: async (box) => statusesOf(runtime.folder.database, box),
    finish: async () => {},
    close,
  };
});

async function openItems() {
  let now = noon;
  const clock = () => now;
  const folder = await temporaryDataFolder();
  const database = openDatabase(join(folder.path, "gatepost.db"));
  const writer = new Writer(database);
  const items = new SqliteItems(database, {
    clock,
    run: (work) => writer.run(work),
    emptyLog: () => emptyLog(database, writer),
  });
  return {
    items,
    clock,
    setClock(time: number) {
      now = time;
    },
    async spoil(pk: string) {
      database.prepare("INSERT INTO items (pk, item) VALUES (?, ?)").run(pk, '{"a":{}}');
    },
    async close() {
      await items.dropExpired();
      await writer.idle();
      database.close();
      await folder.remove();
    },
  };
}

itemsContract("SQLite", openItems);
recordsContracts("SQLite", openItems);

exportsContract("a folder", async () => {
  const { runtime, folder, close } = await temporaryRuntime({ clock: () => noon });
  const { exports } = runtime.reads.jobs;
  return {
    exports,
    close,
    async resultOf(id) {
      const read = await exports.read(id);
      return read && Buffer.from(await new Response(read.stream).arrayBuffer());
    },
    left: () => readdir(join(folder, "exports")),
  };
});

settlingKeysContract("one machine", async () => {
  const { runtime, close } = await temporaryRuntime({ clock: () => noon });
  const request = async (path: string, init: RequestInit) => runtime.api.request(path, init);
  return { index: runtime.ingest.index, keyAdmin: runtime.reads.keyAdmin, request, close };
});

suppressionContract("SQLite", async () => {
  let now = noon;
  const { runtime, close } = await temporaryRuntime({ clock: () => now });
  const { index, suppression } = runtime.ingest;
  const { events, eraser } = runtime.reads;
  const setClock = (time: number) => {
    now = time;
  };
  return { index, events, eraser, suppression, setClock, finish: async () => {}, close };
});

pictureStoreContract("the packs", async () => {
  const { runtime, close } = await temporaryRuntime();
  const { packs } = runtime.folder;
  return {
    store: runtime.ingest.pictures,
    reader: runtime.reads.pictures,
    async size() {
      const sizes = (await readdir(packs)).map(async (name) => (await stat(join(packs, name))).size);
      return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    },
    close,
  };
});

quarantineContract("SQLite", async (limits = { records: 6, bytes: 6000 }) => {
  let now = noon;
  const { runtime, logged, close } = await temporaryRuntime({ clock: () => now, quarantineLimits: limits });
  return {
    quarantine: runtime.reads.quarantine,
    get warnings() {
      return logged.map(({ message }) => message);
    },
    setClock(time) {
      now = time;
    },
    close,
  };
});
