/** Sends a value to all listeners in this process. */
export class Signal<Value> {
  readonly #listeners = new Set<(value: Value) => void>();

  /** The returned function removes the listener. */
  listen(listener: (value: Value) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  send(value: Value): void {
    for (const listener of this.#listeners) listener(value);
  }
}
