import { MemoryItems } from "@gatepost/store";
import { MemoryPorts } from "../support/memory-ports.ts";
import { exportsContract } from "./exports.ts";
import { itemsContract } from "./items.ts";
import { pictureStoreContract } from "./picture-store.ts";
import { noon } from "./samples.ts";

const name = "the memory of the tests";
const close = async () => {};

itemsContract(name, async () => {
  let now = noon;
  const clock = () => now;
  const setClock = (time: number) => {
    now = time;
  };
  return { items: new MemoryItems({ clock }), clock, setClock, close };
});

exportsContract(name, async () => {
  const { exports } = new MemoryPorts().reads.jobs;
  return {
    exports,
    close,
    resultOf: async (id) => exports.files.get(id) ?? null,
    left: async () => [...exports.files.keys(), ...exports.notes.keys()],
  };
});

pictureStoreContract(name, async () => {
  const ports = new MemoryPorts();
  const size = async () => ports.storedPictures().reduce((sum, { length }) => sum + length, 0);
  return { store: ports.pictures, reader: ports.reads.pictures, size, close };
});
