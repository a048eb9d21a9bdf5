/** A change of a file's bytes, or of its size. Numbers rise with time. */
export type Change = { number: number } & ({ offset: number; data: Buffer } | { size: number });

/** One file: its bytes as they were synced, and the changes since. */
export class FileHistory {
  #durable: Buffer;
  #pending: Change[] = [];
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

  /** Makes durable what was changed before `upTo`. */
  sync(upTo: number): void {
    const covered = this.#pending.filter(({ number }) => number < upTo);
    this.#durable = this.#built(covered, { grain: 1, versionOf: () => covered.length, sizeVersion: covered.length });
    this.#pending = this.#pending.slice(covered.length);
  }

  /**
   * The file after a cut. A disk writes whole sectors, each as it was at some moment: `versionOf` gives for each sector of
   * `grain` bytes how many of the unsynced changes it has, and `sizeVersion` the same for the file's size.
   */
  after(cut: { grain: number; versionOf(sector: number): number; sizeVersion: number }): Buffer {
    return this.#built(this.#pending, cut);
  }

  #built(
    changes: readonly Change[],
    { grain, versionOf, sizeVersion }: { grain: number; versionOf(sector: number): number; sizeVersion: number },
  ): Buffer {
    const sizes = [this.#durable.length];
    for (const change of changes) sizes.push(sizeAfter(sizes.at(-1) ?? 0, change));
    if (changes.length === 0) return this.#durable;
    const built = Buffer.alloc(Math.max(...sizes));
    this.#durable.copy(built);
    for (const [index, change] of changes.entries()) {
      const [from, to] =
        "size" in change ? [change.size, built.length] : [change.offset, change.offset + change.data.length];
      for (const [start, end] of sectors(from, to, grain)) {
        if (versionOf(Math.floor(start / grain)) <= index) continue;
        if ("size" in change) built.fill(0, start, end);
        else change.data.copy(built, start, start - from, end - from);
      }
    }
    return built.subarray(0, sizes[sizeVersion]);
  }
}

function sizeAfter(size: number, change: Change): number {
  return "size" in change ? change.size : Math.max(size, change.offset + change.data.length);
}

/** The parts of a range that are in one sector each; the whole range where sectors do not matter. */
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
