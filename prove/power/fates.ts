import { type Random, whole } from "../../packages/simulator/src/random.ts";
import type { Fate } from "./disk.ts";
import type { FileHistory } from "./file-history.ts";

/** Bytes that a disk writes whole, and those that a file system does. */
const sector = 512;
const page = 4096;

const all = Number.POSITIVE_INFINITY;

/** Each file is as it was after so many of its unsynced changes. */
function prefix(history: FileHistory, changes: number): Buffer {
  return history.after({ grain: 1, versionOf: () => changes, sizeVersion: Math.min(changes, history.unsynced) });
}

/** Nothing is lost: the state after a killed process. */
export const kept: Fate = { namings: () => () => true, content: (history) => prefix(history, all) };

/** Everything is lost that was not synced. */
const dropped: Fate = { namings: () => () => false, content: (history) => prefix(history, 0) };

/** Every file and folder is in its state of some moment, each of another one. */
const reordered = (random: Random): Fate => ({
  namings: (pending) => {
    const upTo = whole(0, pending + 1, random);
    return (index) => index < upTo;
  },
  content: (history) => prefix(history, whole(0, history.unsynced + 1, random)),
});

/**
 * Every sector is in its state of some moment, each of another one, and so is the size of each file; any change of a
 * name may be lost.
 */
const torn = (grain: number, random: Random): Fate => ({
  namings: () => () => random() < 0.5,
  content: (history) => {
    const versions = new Map<number, number>();
    const versionOf = (index: number) => {
      const version = versions.get(index) ?? whole(0, history.unsynced + 1, random);
      versions.set(index, version);
      return version;
    };
    return history.after({ grain, versionOf, sizeVersion: whole(0, history.unsynced + 1, random) });
  },
});

/** Everything is there except parts of the last change of each file. */
const lastTorn = (random: Random): Fate => ({
  namings: () => () => true,
  content: (history) => {
    const last = history.unsynced - 1;
    return history.after({
      grain: sector,
      versionOf: () => (random() < 0.5 ? history.unsynced : last),
      sizeVersion: history.unsynced,
    });
  },
});

/** Bytes are there and names are not, or the other way round: as if they were written at different times. */
const bytesOnly: Fate = { namings: () => () => false, content: (history) => prefix(history, all) };
const namesOnly: Fate = { namings: () => () => true, content: (history) => prefix(history, 0) };

/** The states that a cut may leave of unsynced changes. */
export const fates: Record<string, (random: Random) => Fate> = {
  kept: () => kept,
  dropped: () => dropped,
  reordered,
  "torn-512": (random) => torn(sector, random),
  "torn-4096": (random) => torn(page, random),
  "last-torn": lastTorn,
  "bytes-only": () => bytesOnly,
  "names-only": () => namesOnly,
};
