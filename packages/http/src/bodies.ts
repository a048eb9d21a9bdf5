import type { IncomingMessage, ServerResponse } from "node:http";
import { GatepostError } from "@gatepost/ingest";

/** The client went away before its body was complete: there is nobody to answer. */
export class Incomplete extends Error {}

/** Reads bodies by their measured size, within bounds for each and for all together. */
export class Bodies {
  readonly #maxBytes: number;
  #inFlight = 0;

  /** `most` bytes are held in memory at the same time, of all requests together. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Reads the body of the request that `response` answers, and runs `use` while its bytes count as in flight. A client
   * that waits for leave to send has it from here on. Throws 413 as soon as more than `most` bytes have come, 503 where
   * there is no room for more, and Incomplete.
   */
  async read(response: ServerResponse, maxBytes: number, use: (body: Buffer) => Promise<void>): Promise<void> {
    if (response.req.headers.expect !== undefined) response.writeContinue();
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of readable(response.req)) {
        if (bytes + chunk.length > maxBytes)
          throw new GatepostError("too-large", `a body may have at most ${maxBytes} bytes`);
        this.#take(chunk.length);
        bytes += chunk.length;
        chunks.push(chunk);
      }
      await use(Buffer.concat(chunks.splice(0)));
    } finally {
      this.#inFlight -= bytes;
    }
  }

  #take(bytes: number): void {
    if (this.#inFlight + bytes > this.#maxBytes) {
      throw new GatepostError("unavailable", "too much is being received at once, send it again", { retryAfter: 5 });
    }
    this.#inFlight += bytes;
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
