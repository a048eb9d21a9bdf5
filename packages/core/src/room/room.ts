import { GatepostError } from "../errors/errors.ts";

/** Counts the bytes that all requests of a process hold in memory together, and limits them. */
export class Room {
  readonly maxBytes: number;
  /** Most bytes for one holder: all requests of one box, or of one key. */
  readonly maxShare: number;
  #taken = 0;
  readonly #shares = new Map<string, number>();

  constructor(maxBytes: number, maxShare = maxBytes) {
    this.maxBytes = maxBytes;
    this.maxShare = Math.min(maxShare, maxBytes);
  }

  /** Begins to count for one request of a holder. */
  hold(holder: string | null = null): Reservation {
    return new Reservation(this, holder);
  }

  /**
   * Takes room for so many bytes. Throws 503 at once, and takes nothing, if there is no room or the holder has its
   * share. A negative number gives room back.
   */
  take(bytes: number, holder: string | null = null): void {
    if (this.#taken + bytes > this.maxBytes) throw refused("too much is being received at once, send it again");
    // If one holder may have the whole room, shares need not be counted.
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

/** The room that one request has taken. Disposing of it gives all of it back. */
export class Reservation {
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

  /** Whether the whole share is too small for so many bytes: then sending them again cannot help. */
  isBeyond(bytes: number): boolean {
    return bytes > this.#room.maxShare;
  }

  /** Takes room for so many bytes. Throws 503 if there is none. */
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
