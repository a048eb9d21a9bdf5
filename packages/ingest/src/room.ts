import { GatepostError } from "./errors.ts";

/** Room for the bytes that all requests of a process hold in memory together. */
export class Room {
  readonly maxBytes: number;
  #taken = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** A part of the room for one request: nothing yet. */
  hold(): Held {
    return new Held(this);
  }

  /** Throws 503 at once, and takes nothing, where there is no room for so many bytes more. */
  take(bytes: number): void {
    if (this.#taken + bytes > this.maxBytes) {
      throw new GatepostError("unavailable", "too much is being received at once, send it again", { retryAfter: 5 });
    }
    this.#taken += bytes;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}

/** What one request has taken of a room. All of it is given back when it is disposed of. */
export class Held {
  readonly #room: Room;
  #bytes = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the whole room is too small for so many bytes: to send them again would help nobody. */
  isBeyond(bytes: number): boolean {
    return bytes > this.#room.maxBytes;
  }

  /** Throws 503 where there is no room for so many bytes more. */
  take(bytes: number): void {
    this.#room.take(bytes);
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#room.give(bytes);
    this.#bytes -= bytes;
  }

  [Symbol.dispose](): void {
    this.give(this.#bytes);
  }
}
