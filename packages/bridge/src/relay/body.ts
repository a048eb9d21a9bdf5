import type { IncomingMessage } from "node:http";
import { GatepostError } from "@gatepost/ingest";

/** The box went away before its body was complete: there is nobody to answer. */
export class Incomplete extends Error {}

export interface BodyLimits {
  /** Bytes of one body. */
  maxBody: number;
  /** Bytes of all bodies that are received at the same time. */
  maxInFlight: number;
}

/** Reads bodies by their measured size, within bounds for each and for all together. */
export class Bodies {
  readonly #limits: BodyLimits;
  #inFlight = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Reads a body and runs `use` while its bytes count. Throws 413 and 503 as Gatepost's own ingest does. */
  async with(request: IncomingMessage, use: (body: Buffer) => Promise<void>): Promise<void> {
    const taken = { bytes: 0 };
    try {
      await use(await this.#read(request, taken));
    } finally {
      this.#inFlight -= taken.bytes;
    }
  }

  async #read(request: IncomingMessage, taken: { bytes: number }): Promise<Buffer> {
    const chunks: Buffer[] = [];
    try {
      // Destroying would cut the connection before a refusal could be read.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        const { length } = chunk as Buffer;
        taken.bytes += length;
        this.#inFlight += length;
        this.#check(taken.bytes);
        chunks.push(chunk as Buffer);
      }
    } catch (cause) {
      throw cause instanceof GatepostError ? cause : new Incomplete("cut off", { cause });
    }
    if (!request.complete) throw new Incomplete("cut off");
    return Buffer.concat(chunks);
  }

  #check(bytes: number): void {
    const { maxBody, maxInFlight } = this.#limits;
    if (bytes > maxBody) throw new GatepostError("too-large", `a body may have at most ${maxBody} bytes`);
    if (this.#inFlight > maxInFlight) {
      throw new GatepostError("unavailable", "too much is being received at once, send it again", { retryAfter: 5 });
    }
  }
}
