import type { Quarantine, QuarantineReader } from "@gatepost/core/quarantine";
import { compile, matches } from "@gatepost/event-pattern";
import { MemoryItems } from "@gatepost/store";
import { envelopeOf } from "../../packages/embedded/src/bus/envelope.ts";
import { MemoryPorts } from "../support/memory-ports.ts";
import { statusesOf } from "../support/statuses-of.ts";
import { envelopeSchema } from "../support/subscriber.ts";
import { actionBusContract } from "./action-bus.ts";
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
import { noon } from "./samples.ts";
import { seenMarksContract } from "./seen-marks.ts";
import { smallReadsContract } from "./small-reads.ts";
import { suppressionContract } from "./suppression.ts";

const name = "the memory of the tests";
const close = async () => {};

function open(options: ConstructorParameters<typeof MemoryPorts>[0] = {}) {
  const ports = new MemoryPorts(options);
  ports.now = noon;
  ports.settings.retentionDays = 90;
  const setClock = (now: number) => {
    ports.now = now;
  };
  return { ports, setClock };
}

async function openCounts() {
  const { ports, setClock } = open();
  const { index, quarantine, actions, work, reads } = ports;
  const { events: reader, eraser, statistics: counts } = reads;
  const nothing = async () => {};
  return {
    index,
    quarantine,
    actions,
    work,
    reader,
    eraser,
    counts,
    passings: reads.passings,
    settle: nothing,
    removeExpired: nothing,
    setClock,
    close,
  };
}

passingsContract(name, openCounts);
halfHoursContract(name, openCounts, { runs: 100 });
openWorkContract(name, openCounts);

async function openIndex() {
  const { ports, setClock } = open();
  const { index, pictures, actions, eventOutbox, reads } = ports;
  const { events: reader, actionReader, orders, seen, acknowledgements, notes, eraser, feed, devices, tickets } = reads;
  return {
    index,
    pictures,
    actions,
    eventOutbox,
    reader,
    actionReader,
    orders,
    eraser,
    feed,
    devices,
    tickets,
    seen,
    acknowledgements,
    notes,
    items: ports.items,
    told: false,
    setClock,
    close,
  };
}

eventIndexContract(name, openIndex);
eventReaderContract(name, openIndex);
seenMarksContract(name, openIndex);
alarmsContract(name, openIndex);
actionOutboxContract(name, openIndex);
untoldActionsContract(name, openIndex);
eventOutboxContract(name, openIndex);
actionOrdersContract(name, openIndex);
changeFeedContract(name, openIndex);
newsContract(name, openIndex);
smallReadsContract(name, openIndex);

actionBusContract(name, async () => {
  const { ports } = open();
  return {
    bus: ports.bus,
    index: ports.index,
    async addRule(pattern) {
      const compiled = compile(pattern);
      const begin = ports.announced.length;
      return {
        async delivered() {
          const envelopes = ports.announced.slice(begin).map(envelopeOf);
          return envelopes
            .filter((envelope) => matches(compiled, JSON.parse(JSON.stringify(envelope))))
            .map((envelope) => envelopeSchema.parse(envelope));
        },
      };
    },
    close,
  };
});

eventEraserContract(name, async () => {
  const { ports } = open();
  const { eraser, events, pictures, rolls } = ports.reads;
  return {
    index: ports.index,
    eraser,
    events,
    rolls,
    store: ports.pictures,
    pictures,
    quarantine: bothSides(ports),
    boxStatus: ports.boxStatus,
    statusesOf: (box) => statusesOf(ports.items, box),
    finish: async () => {},
    close,
  };
});

async function openItems() {
  let now = noon;
  const clock = () => now;
  const setClock = (time: number) => {
    now = time;
  };
  return { items: new MemoryItems({ clock }), clock, setClock, close };
}

itemsContract(name, openItems);
recordsContracts(name, openItems);

exportsContract(name, async () => {
  const { exports } = open().ports.reads.jobs;
  return {
    exports,
    close,
    resultOf: async (id) => exports.files.get(id) ?? null,
    left: async () => [...exports.files.keys(), ...exports.notes.keys()],
  };
});

suppressionContract(name, async () => {
  const { ports, setClock } = open();
  const { index, suppression } = ports;
  const { events, eraser } = ports.reads;
  return { index, events, eraser, suppression, setClock, finish: async () => {}, close };
});

pictureStoreContract(name, async () => {
  const { ports } = open();
  const size = async () => ports.storedPictures().reduce((sum, { length }) => sum + length, 0);
  return { store: ports.pictures, reader: ports.reads.pictures, size, close };
});

quarantineContract(name, async (quarantineLimits = { records: 6, bytes: 6000 }) => {
  const { ports, setClock } = open({ quarantineLimits });
  return {
    quarantine: bothSides(ports),
    get warnings() {
      return ports.lines.map(({ message }) => message);
    },
    setClock,
    close,
  };
});

function bothSides({ reads }: MemoryPorts): Quarantine & QuarantineReader {
  return reads.quarantine;
}
