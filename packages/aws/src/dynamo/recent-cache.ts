/** Remembers recent values, up to a number of entries. The entry that was noted longest ago is removed first. */
export class RecentCache<Value> {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, { value: Value; at: number }>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** The value of a name, if it was set after `since` (ms). */
  find(name: string, since: number): Value | undefined {
    const entry = this.#entries.get(name);
    return entry !== undefined && entry.at > since ? entry.value : undefined;
  }

  note(name: string, value: Value, at: number): void {
    this.#entries.delete(name);
    this.#entries.set(name, { value, at });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) return;
      this.#entries.delete(oldest);
    }
  }
}
