import type { ServerResponse } from "node:http";
import { GatepostError } from "@gatepost/core/errors";
import { Room } from "@gatepost/core/room";
import { isRead, send } from "./answer.ts";
import { pieceBytes, Unread } from "./unread.ts";

export interface AnswerLimits {
  /** Bytes of all answers that are on their way; one client may have half of them. */
  maxBytes: number;
  /** ms in which some of an answer must be read. */
  stallMs: number;
}

const defaults: AnswerLimits = { maxBytes: 256 * 1024 * 1024, stallMs: 30_000 };

interface Head {
  status: number;
  /** A list is sent as several headers. */
  headers: Record<string, string | string[]>;
}

/** An answer with its whole body; null if it has none, as to a HEAD. */
interface Whole extends Head {
  body: Uint8Array | null;
}

/** Bytes that are being sent: in how many answers, and a function that gives their room back. */
interface Sent {
  answers: number;
  give(): void;
}

/** Sends answers that may be large. It bounds their bytes in memory, and disconnects clients that do not read. */
export class Answers {
  readonly #room: Room;
  readonly #unread: Unread;
  /** The same bytes may be sent to many, and are in memory once. */
  readonly #sent = new Map<Uint8Array, Sent>();

  constructor(limits: Partial<AnswerLimits> = {}) {
    const { maxBytes, stallMs } = { ...defaults, ...limits };
    this.#room = new Room(maxBytes, maxBytes / 2);
    this.#unread = new Unread(stallMs);
  }

  /**
   * Sends an answer to the client that `holder` names. Throws 503 if too many bytes are on their way; small answers
   * always pass.
   */
  async send(response: ServerResponse, answer: Whole, holder: string): Promise<void> {
    const { status, headers, body } = answer;
    const isSmall = body === null || body.length <= pieceBytes;
    const watched = this.#unread.watch(response, isSmall ? () => {} : this.#take(body, holder));
    if (isSmall || !isRead(response.req)) {
      send(response, answer);
      return;
    }
    response.writeHead(status, { ...headers, "content-length": body.length });
    if (await watched.write(body)) response.end();
  }

  /**
   * Sends an answer piece by piece, as fast as the client reads. If a piece fails before anything was sent, throws that
   * failure; later, it closes the connection, so that the client sees an incomplete answer.
   */
  async stream(
    response: ServerResponse,
    { status, headers }: Head,
    { pieces, holder }: { pieces: AsyncIterable<Uint8Array>; holder: string },
  ): Promise<void> {
    let give = () => {};
    const watched = this.#unread.watch(response, () => give());
    try {
      for await (const piece of pieces) {
        give();
        give = this.#take(piece, holder);
        if (!response.headersSent) response.writeHead(status, headers);
        if (await watched.write(piece)) continue;
        // If the connection ended before this piece was there, its room must be given back here.
        give();
        return;
      }
      response.end();
    } catch (error) {
      if (!response.headersSent) throw error;
      response.req.socket.destroy();
    }
  }

  /** Counts bytes until the returned function is called. */
  #take(bytes: Uint8Array, holder: string): () => void {
    const sent = this.#sent.get(bytes) ?? { answers: 0, give: this.#hold(bytes.length, holder) };
    this.#sent.set(bytes, sent);
    sent.answers += 1;
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      sent.answers -= 1;
      if (sent.answers > 0) return;
      this.#sent.delete(bytes);
      sent.give();
    };
  }

  #hold(length: number, holder: string): () => void {
    // An answer that is larger than a share counts as a whole share: else it could never be sent.
    const bytes = Math.min(length, this.#room.maxShare);
    try {
      this.#room.take(bytes, holder);
    } catch {
      const message = "too many answers wait to be read, ask again when they are";
      throw new GatepostError("unavailable", message, { retryAfter: 5 });
    }
    return () => this.#room.give(bytes, holder);
  }
}
