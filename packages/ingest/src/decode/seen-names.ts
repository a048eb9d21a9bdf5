/**
 * The size of the table in bits. With the most names that are allowed, a few thousand share a bit with another, and
 * then count once.
 */
const bits = 1 << 18;

/** Counts, approximately, how many different names there are, without keeping any. */
export class SeenNames {
  count = 0;
  #seen: Uint8Array | null = null;
  /** Different in each process, so that nobody outside can choose names that share a bit. */
  static readonly #seed = Math.floor(Math.random() * 2 ** 32);

  /** Adds the name that stands in `text` from `from` to `to`. */
  add(text: string, from: number, to: number): void {
    this.#seen ??= new Uint8Array(bits >> 3);
    let hash = Math.imul(SeenNames.#seed ^ (to - from), 0x9e3779b1);
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash ^= hash >>> 15;
    const byte = (hash >>> 3) & ((bits >> 3) - 1);
    const bit = 1 << (hash & 7);
    const known = Number(this.#seen[byte]);
    if ((known & bit) !== 0) return;
    this.#seen[byte] = known | bit;
    this.count += 1;
  }
}
