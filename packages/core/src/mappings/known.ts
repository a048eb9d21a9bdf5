import { type MappedReader, mappedReaderOf, mappingsInOrder } from "@gatepost/protocol";
import type { Items } from "@gatepost/store";
import type { Log } from "../log/log.ts";
import { storedMappings } from "./record.ts";

/** ms for which a process uses the mappings that it has read. */
const knownForMs = 60_000;

/** The same for a replay, which often follows a change. */
const knownToReplayForMs = 1000;

interface Known {
  readers: readonly MappedReader[];
  /** The readers of each box, in the order in which they are tried. */
  ofBoxes: Map<string, readonly MappedReader[]>;
}

interface Deps {
  items: Pick<Items, "list">;
  log: Log;
  clock(): number;
}

/** The readers of all mappings, read once a minute at most, and only for reports of unknown shape. */
export class KnownMappings {
  readonly #deps: Deps;
  #read: { at: number; known: Promise<Known> } | null = null;
  /** The keys of rows that cannot be read. */
  #damaged: readonly string[] = [];

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The mappings of a box that are on, in the order in which they are tried. */
  async of(box: string, { isReplay = false } = {}): Promise<readonly MappedReader[]> {
    const { readers, ofBoxes } = await this.#known(isReplay ? knownToReplayForMs : knownForMs);
    if (readers.length === 0) return readers;
    const found = ofBoxes.get(box) ?? mappingsInOrder(readers, box);
    ofBoxes.set(box, found);
    return found;
  }

  /** Forgets the read mappings: one has changed in this process. */
  forget(): void {
    this.#read = null;
  }

  /** The sentences of `status` about mappings that cannot be read. */
  concerns(): string[] {
    return this.#damaged.map((pk) => `mapping ${pk} is broken: remove it and save it again`);
  }

  #known(forMs: number): Promise<Known> {
    const { clock } = this.#deps;
    const before = this.#read;
    if (before !== null && Math.abs(clock() - before.at) < forMs) return before.known;
    const read = { at: clock(), known: this.#all() };
    this.#read = read;
    // A failed read is not kept: the next report reads again.
    read.known.catch(() => {
      if (this.#read === read) this.#read = null;
    });
    return read.known;
  }

  async #all(): Promise<Known> {
    const { items, log } = this.#deps;
    const stored = await storedMappings(items);
    const damaged = stored.flatMap(({ pk, mapping }) => (mapping === null ? [pk] : []));
    for (const pk of damaged) if (!this.#damaged.includes(pk)) log.error("a mapping cannot be read", { pk });
    this.#damaged = damaged;
    const readers = stored.flatMap(({ mapping }) => (mapping === null ? [] : [mappedReaderOf(mapping)]));
    return { readers, ofBoxes: new Map() };
  }
}
