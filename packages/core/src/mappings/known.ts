import { type MappedReader, mappedReaderOf, mappingsInOrder } from "@gatepost/protocol";
import type { Items } from "@gatepost/store";
import type { Log } from "../log/log.ts";
import { allMappings, mappingOf } from "./record.ts";

/** ms for which a process uses the mappings that it has read. */
const knownForMs = 60_000;

/** The same for a replay, which often follows a change. */
const knownToReplayForMs = 1000;

interface Known {
  readers: readonly MappedReader[];
  /** The keys of rows that cannot be read. */
  damaged: readonly string[];
}

/** The readers of all mappings, read once a minute at most, and only for reports of unknown shape. */
export class KnownMappings {
  readonly #deps: { items: Pick<Items, "list">; log: Log; clock(): number };
  #read: { at: number; known: Promise<Known> } | null = null;
  #damaged: readonly string[] = [];
  readonly #ofBoxes = new WeakMap<Known, Map<string, MappedReader[]>>();

  constructor(deps: { items: Pick<Items, "list">; log: Log; clock(): number }) {
    this.#deps = deps;
  }

  /** The mappings of a box that are on, in the order in which they are tried. */
  async of(box: string, { isReplay = false } = {}): Promise<readonly MappedReader[]> {
    const known = await this.#known(isReplay ? knownToReplayForMs : knownForMs);
    if (known.readers.length === 0) return [];
    const ofBoxes = this.#ofBoxes.get(known) ?? new Map<string, MappedReader[]>();
    this.#ofBoxes.set(known, ofBoxes);
    const found = ofBoxes.get(box) ?? mappingsInOrder(known.readers, box);
    ofBoxes.set(box, found);
    return found;
  }

  /** Forgets the read mappings: one has changed in this process. */
  forget(): void {
    this.#read = null;
  }

  /** What a person should know: the mappings that cannot be read. */
  concerns(): string[] {
    return this.#damaged.map(
      (pk) => `the mapping ${pk} cannot be read, so its reports go to quarantine: save it again`,
    );
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
    const readers: MappedReader[] = [];
    const damaged: string[] = [];
    for await (const { pk, item } of items.list({ lists: [allMappings], order: "ascending" })) {
      const mapping = mappingOf(item);
      if (mapping === null) damaged.push(pk);
      else readers.push(mappedReaderOf(mapping));
    }
    for (const pk of damaged.filter((one) => !this.#damaged.includes(one)))
      log.error("a mapping cannot be read", { pk });
    this.#damaged = damaged;
    return { readers, damaged };
  }
}
