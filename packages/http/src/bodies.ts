import type { IncomingMessage, ServerResponse } from "node:http";
import { GatepostError } from "@gatepost/core/errors";
import type { Room } from "@gatepost/core/room";
import { HeldBody } from "./held-body.ts";
import { Pace, type PaceLimits } from "./pace.ts";
import { Turns } from "./turns.ts";

/** Bytes of bodies that are handled in one turn of the event loop. To handle 480 KB takes a millisecond. */
const batchBytes = 2 * 1024 * 1024;
/** The same of large bodies: hostile ones may take 40 ms each. */
const largeBatchBytes = 1024 * 1024;
/** Up to here a body is small: a report without pictures, a notice. */
const smallBytes = 64 * 1024;

/**
 * Handles bodies that arrive at the same time a few in each turn of the event loop, small and large ones in separate
 * queues. Without it, all of them would be parsed before the first is written to disk, everything else would wait for
 * that, and a small body would wait behind a hundred large ones.
 */
export class BodyTurns {
  readonly #small = new Turns(batchBytes);
  readonly #large = new Turns(largeBatchBytes);

  /** Null if a body of so many bytes may be handled now; else resolves when it is its turn. */
  next(bytes: number): Promise<void> | null {
    return (bytes <= smallBytes ? this.#small : this.#large).next(bytes);
  }
}

/** The client went away before its body was complete: there is no one to answer. */
export class Incomplete extends Error {}

/** The limit of one body, and its holder: the box of the key in its request, or the key itself. */
interface Allowed {
  maxBytes: number;
  holder: string;
}

/** A packed body counts at least as so many bytes, because its reader may unpack it to that size. */
const packedBytes = 1024 * 1024;

function isPacked({ headers }: IncomingMessage, body: HeldBody): boolean {
  return headers["content-encoding"] !== undefined || (body.length > 1 && body.whole().readUInt16BE() === gzipMark);
}

const gzipMark = 0x1f8b;

/** Reads bodies by their measured size, within bounds for each and for all together. */
export class Bodies {
  readonly #room: Room;
  readonly #pace: Pace;
  readonly #turns = new BodyTurns();

  /**
   * @param room the memory that all requests together may use
   * @param onSlow is called for each client that is disconnected because it is too slow
   */
  constructor(room: Room, pace: Partial<PaceLimits> = {}, onSlow?: (request: IncomingMessage) => void) {
    this.#room = room;
    this.#pace = new Pace(pace, onSlow);
  }

  /**
   * Reads the body of the request that `response` answers, and runs `use` with it. The bytes count as the share of
   * `holder` and are valid until `use` ends. A client that sent `Expect: 100-continue` is told to continue. Throws 413
   * as soon as more than `maxBytes` bytes have arrived, 503 if there is no room for more, and Incomplete.
   */
  async read(
    response: ServerResponse,
    { maxBytes, holder }: Allowed,
    use: (body: Buffer) => Promise<void>,
  ): Promise<void> {
    const { req: request } = response;
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = new HeldBody(maxBytes, Number(request.headers["content-length"] ?? 0), (bytes) =>
      this.#room.take(bytes, holder),
    );
    const unwatch = this.#pace.watch(response, body);
    try {
      await eachPiece(request, (piece) => {
        if (body.length + piece.length > maxBytes)
          throw new GatepostError("too-large", `a body may have at most ${maxBytes} bytes`);
        body.add(piece);
      });
      unwatch();
      await this.#turns.next(isPacked(request, body) ? Math.max(body.length, packedBytes) : body.length);
      await use(body.whole());
    } finally {
      unwatch();
      body.free();
    }
  }
}

/**
 * Hands over each piece of a body, and resolves at its end. Rejects with what `take` throws, and does not destroy the
 * request then: the client could not read the refusal. It uses events and not the iterator of the request, which costs
 * more than parsing a small body.
 */
function eachPiece(request: IncomingMessage, take: (piece: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // At the end the listeners stay: to remove them costs as much as to add them, and no event follows.
    let isWhole = false;
    const fail = (failure: unknown) => {
      request.off("data", onData).off("end", onEnd).off("error", onClose).off("close", onClose);
      reject(failure);
    };
    const onData = (piece: Buffer) => {
      try {
        take(piece);
      } catch (error) {
        request.pause();
        fail(error);
      }
    };
    const onEnd = () => {
      isWhole = request.complete;
      if (isWhole) resolve();
      else fail(new Incomplete(cut));
    };
    const onClose = (cause?: Error) => {
      if (!isWhole) fail(new Incomplete(cut, { cause }));
    };
    if (request.destroyed) onClose();
    else request.on("data", onData).on("end", onEnd).on("error", onClose).on("close", onClose);
  });
}

const cut = "the connection was closed before the body was complete";
