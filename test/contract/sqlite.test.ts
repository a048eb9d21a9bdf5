import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { healthOf, noticesOf } from "../unit/embedded/box-status.ts";
import { temporaryMachine } from "../unit/embedded/temporary.ts";
import { actionOutboxContract } from "./action-outbox.ts";
import { changeFeedContract } from "./change-feed.ts";
import { eventEraserContract } from "./event-eraser.ts";
import { eventIndexContract } from "./event-index.ts";
import { eventReaderContract } from "./event-reader.ts";
import { keyStoreContract } from "./key-store.ts";
import { pictureStoreContract } from "./picture-store.ts";
import { quarantineContract } from "./quarantine.ts";
import { noon } from "./samples.ts";
import { smallReadsContract } from "./small-reads.ts";

async function openIndex() {
  let now = noon;
  const { machine, close } = await temporaryMachine({ clock: () => now });
  const { index, pictures, actions } = machine.ingest;
  const { feed, devices, tickets } = machine.reads;
  const setClock = (time: number) => {
    now = time;
  };
  return { index, pictures, actions, reader: machine.reads.events, feed, devices, tickets, setClock, close };
}

eventIndexContract("SQLite", openIndex);
eventReaderContract("SQLite", openIndex);
actionOutboxContract("SQLite", openIndex);
changeFeedContract("SQLite", openIndex);
smallReadsContract("SQLite", openIndex);

eventEraserContract("SQLite", async () => {
  const { machine, close } = await temporaryMachine({ clock: () => noon });
  const { events, eraser, pictures, quarantine } = machine.reads;
  const { index, pictures: store } = machine.ingest;
  return {
    ...{ index, eraser, events, store, pictures, quarantine },
    health: healthOf(machine),
    noticesOf: async (box) => noticesOf(machine.folder.database, box),
    finish: async () => {},
    close,
  };
});

pictureStoreContract("the packs", async () => {
  const { machine, close } = await temporaryMachine();
  const { packs } = machine.folder;
  return {
    store: machine.ingest.pictures,
    reader: machine.reads.pictures,
    async size() {
      const sizes = (await readdir(packs)).map(async (name) => (await stat(join(packs, name))).size);
      return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    },
    close,
  };
});

quarantineContract("SQLite", async () => {
  let now = noon;
  const limits = { records: 6, bytes: 6000 };
  const { machine, logged, close } = await temporaryMachine({ clock: () => now, quarantineLimits: limits });
  return {
    quarantine: machine.reads.quarantine,
    get warnings() {
      return logged.map(({ message }) => message);
    },
    setClock(time) {
      now = time;
    },
    close,
  };
});

keyStoreContract("SQLite", async () => {
  const { machine, close } = await temporaryMachine();
  return { keys: machine.reads.keyAdmin, close };
});
