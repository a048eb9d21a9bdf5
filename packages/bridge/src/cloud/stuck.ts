/** Tries after which a report may be what fails, and not the cloud: some five minutes of them. */
const maxTries = 10;

/** Counts how often one report failed since another one was tried. */
export class Stuck {
  #id: number | null = null;
  #tries = 0;

  /** Notes that a report has failed; returns whether that was so often that it may be its own fault. */
  failed(id: number): boolean {
    this.#tries = id === this.#id ? this.#tries + 1 : 1;
    this.#id = id;
    return this.#tries >= maxTries;
  }
}
