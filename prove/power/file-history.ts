/** A change of a file's bytes, or of its size. Numbers rise with time. */
export type Change = { number: number } & ({ offset: number; data: Buffer } | { size: number });

/** One file: its bytes as they were synced, and the changes since. */
export class FileHistory {
  #durable: Buffer;
  #pending: Change[] = [];
  readonly #forgotten = new Set<Change>();
  #size: number;

  constructor(durable: Buffer) {
    this.#durable = durable;
    this.#size = durable.length;
  }

  /** As processes see it. */
  get size(): number {
    return this.#size;
  }

  /** How many changes are not synced. */
  get unsynced(): number {
    return this.#pending.length;
  }

  change(change: Change): void {
    this.#pending.push(change);
    this.#size = sizeAfter(this.#size, change);
  }

  /** Makes the changes before `upTo` durable, except those that a failed sync has covered: they are lost. */
  sync(upTo: number): void {
    const covered = this.#pending.filter(({ number }) => number < upTo);
    const written = covered.filter((change) => !this.#forgotten.has(change));
    this.#durable = this.#built(written, { grain: 1, versionOf: () => written.length, sizeVersion: written.length });
    this.#pending = this.#pending.slice(covered.length);
  }

  /**
   * Notes that the changes before `upTo` could not be synced. The system takes them for written from then on, so no
   * later sync tries them again.
   */
  fail(upTo: number): void {
    for (const change of this.#pending) if (change.number < upTo) this.#forgotten.add(change);
  }

  /**
   * The file after a cut. A disk writes whole sectors, each as it was at some moment: `versionOf` gives for each sector
   * of `grain` bytes how many of the unsynced changes it has, and `sizeVersion` the same for the file's size. To cut a
   * file short gives its sectors back: it has them all as they were, or none of them, and later writes behind that
   * place are in other sectors, which are the file's only once it was cut.
   */
  after(cut: Fate): Buffer {
    return this.#built(this.#pending, cut);
  }

  #built(changes: readonly Change[], fate: Fate): Buffer {
    if (changes.length === 0) return this.#durable;
    const sizes = [this.#durable.length];
    for (const change of changes) sizes.push(sizeAfter(sizes.at(-1) ?? 0, change));
    const isShrink = (index: number) => Number(sizes[index + 1]) < Number(sizes[index]);
    const built = Buffer.alloc(Math.max(...sizes));
    this.#durable.copy(built);
    let end = Number.POSITIVE_INFINITY;
    for (const [index, change] of changes.entries()) {
      if (!isShrink(index)) write(built, { change, index, end }, fate);
      else if (fate.sizeVersion > index) built.fill(0, sizes[index + 1]);
      else end = Math.min(end, Number(sizes[index + 1]));
    }
    return built.subarray(0, sizes[fate.sizeVersion]);
  }
}

/** The part of a file's unsynced changes that survives a cut. */
interface Fate {
  grain: number;
  versionOf(sector: number): number;
  sizeVersion: number;
}

/** Writes the sectors of a change that a cut left, as far as they are before `end`. */
function write(
  built: Buffer,
  { change, index, end }: { change: Change; index: number; end: number },
  fate: Fate,
): void {
  if ("size" in change) return;
  const { offset, data } = change;
  for (const [from, to] of sectors(offset, Math.min(offset + data.length, end), fate.grain)) {
    if (fate.versionOf(Math.floor(from / fate.grain)) > index) data.copy(built, from, from - offset, to - offset);
  }
}

function sizeAfter(size: number, change: Change): number {
  return "size" in change ? change.size : Math.max(size, change.offset + change.data.length);
}

/** The parts of a range that are in one sector each; the whole range if sectors do not matter. */
function* sectors(from: number, to: number, grain: number): Generator<[from: number, to: number]> {
  if (grain === 1) {
    if (from < to) yield [from, to];
    return;
  }
  for (let start = from; start < to; ) {
    const end = Math.min(to, (Math.floor(start / grain) + 1) * grain);
    yield [start, end];
    start = end;
  }
}
