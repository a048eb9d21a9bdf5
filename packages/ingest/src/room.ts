import { GatepostError } from "./errors.ts";

/** Room for the bytes that all requests of a process hold in memory together. */
export class Room {
  readonly maxBytes: number;
  /** What a holder may have of it: all requests of one box, or of one key. */
  readonly maxShare: number;
  #taken = 0;
  readonly #shares = new Map<string, number>();

  constructor(maxBytes: number, maxShare = maxBytes) {
    this.maxBytes = maxBytes;
    this.maxShare = Math.min(maxShare, maxBytes);
  }

  /** A part of the room for one request of a holder: nothing yet. */
  hold(holder: string | null = null): Held {
    return new Held(this, holder);
  }

  /**
   * Throws 503 at once, and takes nothing, where there is no room for so many bytes more, or the holder has its share.
   * Gives back what is negative.
   */
  take(bytes: number, holder: string | null = null): void {
    if (this.#taken + bytes > this.maxBytes) throw refused("too much is being received at once, send it again");
    // Where a share is the whole room, nothing needs to be counted.
    if (holder !== null && this.maxShare < this.maxBytes) this.#takeShare(bytes, holder);
    this.#taken += bytes;
  }

  give(bytes: number, holder: string | null = null): void {
    this.take(-bytes, holder);
  }

  #takeShare(bytes: number, holder: string): void {
    const share = (this.#shares.get(holder) ?? 0) + bytes;
    if (share > this.maxShare) throw refused("too much is being received at once with this key, send it again");
    if (share > 0) this.#shares.set(holder, share);
    else this.#shares.delete(holder);
  }
}

function refused(message: string): GatepostError {
  return new GatepostError("unavailable", message, { retryAfter: 5 });
}

/** What one request has taken of a room. All of it is given back when it is disposed of. */
export class Held {
  readonly #room: Room;
  readonly #holder: string | null;
  #bytes = 0;

  constructor(room: Room, holder: string | null) {
    this.#room = room;
    this.#holder = holder;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the whole share is too small for so many bytes: to send them again would help nobody. */
  isBeyond(bytes: number): boolean {
    return bytes > this.#room.maxShare;
  }

  /** Throws 503 where there is no room for so many bytes more. */
  take(bytes: number): void {
    this.#room.take(bytes, this.#holder);
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#room.give(bytes, this.#holder);
    this.#bytes -= bytes;
  }

  [Symbol.dispose](): void {
    this.give(this.#bytes);
  }
}
