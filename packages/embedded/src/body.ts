import type { IncomingMessage } from "node:http";
import { GatepostError } from "@gatepost/ingest";

/** Bytes of bodies that are held in memory at the same time, all requests together. */
export class InFlight {
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws 503 where there is no room for more. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#most) {
      throw new GatepostError("unavailable", "too much is being received at once, send it again", { retryAfter: 5 });
    }
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** The client went away before its body was complete: there is nobody to answer. */
export class Incomplete extends Error {}

/**
 * Reads a body by its measured size, and runs `use` while its bytes count as in flight. Throws 413 as soon as more than
 * `most` bytes have come.
 */
export async function withBody<T>(
  request: IncomingMessage,
  { most, inFlight }: { most: number; inFlight: InFlight },
  use: (body: Buffer) => Promise<T>,
): Promise<T> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of readable(request)) {
      if (bytes + chunk.length > most) throw new GatepostError("too-large", `a body may have at most ${most} bytes`);
      inFlight.take(chunk.length);
      bytes += chunk.length;
      chunks.push(chunk);
    }
    return await use(Buffer.concat(chunks.splice(0)));
  } finally {
    inFlight.give(bytes);
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
