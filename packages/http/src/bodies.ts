import type { IncomingMessage, ServerResponse } from "node:http";
import { GatepostError, type Room } from "@gatepost/ingest";
import { HeldBody } from "./held-body.ts";
import { Pace, type PaceLimits } from "./pace.ts";

/** The client went away before its body was complete: there is nobody to answer. */
export class Incomplete extends Error {}

/** Reads bodies by their measured size, within bounds for each and for all together. */
export class Bodies {
  readonly #room: Room;
  readonly #pace: Pace;

  /** @param room what all requests together may hold in memory */
  constructor(room: Room, pace: Partial<PaceLimits> = {}) {
    this.#room = room;
    this.#pace = new Pace(pace);
  }

  /**
   * Reads the body of the request that `response` answers, and runs `use` while its bytes count as in flight: they are
   * there until that ends, and no longer. A client that waits for leave to send has it from here on. Throws 413 as soon
   * as more than `maxBytes` bytes have come, 503 where there is no room for more, and Incomplete.
   */
  async read(response: ServerResponse, maxBytes: number, use: (body: Buffer) => Promise<void>): Promise<void> {
    const { req: request } = response;
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = new HeldBody(maxBytes, Number(request.headers["content-length"] ?? 0), (bytes) =>
      this.#room.take(bytes),
    );
    const unwatch = this.#pace.watch(response, body);
    try {
      for await (const chunk of readable(request)) {
        if (body.length + chunk.length > maxBytes)
          throw new GatepostError("too-large", `a body may have at most ${maxBytes} bytes`);
        body.add(chunk);
      }
      unwatch();
      await use(body.whole());
    } finally {
      unwatch();
      body.free();
    }
  }
}

async function* readable(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    // Destroying would cut the connection before a refusal could be read.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch (cause) {
    throw new Incomplete("the connection was closed before the body was complete", { cause });
  }
  if (!request.complete) throw new Incomplete("the connection was closed before the body was complete");
}
