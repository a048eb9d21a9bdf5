import type { Duplex } from "node:stream";
import { GatepostError } from "@gatepost/core/errors";
import { keyIsFull } from "@gatepost/core/live";

interface PlaceLimits {
  /** Most live connections of all keys together. */
  all: number;
  /** Most live connections of one key. */
  ofKey: number;
}

/** Seconds after which a client may try again when all places are taken by others. */
const retryAfter = 30;

/** Limits live connections: each stays open for hours, and boxes need connections too. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #ofKey = new Map<string, number>();
  #all = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /**
   * Takes a place for a key until the connection is closed. Throws 429 if the key has all its places, 503 if all are
   * taken.
   */
  take(keyId: string, socket: Pick<Duplex, "once">): void {
    const { all, ofKey } = this.#limits;
    const taken = this.#ofKey.get(keyId) ?? 0;
    if (taken >= ofKey) throw keyIsFull(ofKey);
    if (this.#all >= all) {
      const message = `there are ${all} live connections already, and the others are kept for boxes; try again later`;
      throw new GatepostError("unavailable", message, { retryAfter });
    }
    this.#all += 1;
    this.#ofKey.set(keyId, taken + 1);
    socket.once("close", () => this.#give(keyId));
  }

  #give(keyId: string): void {
    this.#all -= 1;
    const left = (this.#ofKey.get(keyId) ?? 0) - 1;
    if (left > 0) this.#ofKey.set(keyId, left);
    else this.#ofKey.delete(keyId);
  }
}
