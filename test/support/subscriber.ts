import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as z from "zod";

/** What any bus delivers, as far as tests look into it. */
const envelopeSchema = z.looseObject({
  id: z.string(),
  source: z.string(),
  "detail-type": z.string(),
  detail: z.looseObject({
    want_action: z.string().optional(),
    idempotency_key: z.string().optional(),
    // An entry about a visitor has none without --announce-events.
    event: z
      .looseObject({ id: z.string(), person: z.looseObject({ id: z.string().nullable() }) })
      .prefault({ id: "", person: { id: null } }),
  }),
});
export type Envelope = z.output<typeof envelopeSchema>;

export interface Delivered {
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
  envelope: Envelope;
}

type Behaviour = (response: ServerResponse, delivered: Delivered) => void;

const accept: Behaviour = (response) => void response.writeHead(204).end();

/** A webhook on this machine, which notes what it gets before it answers. */
export class Subscriber {
  readonly delivered: Delivered[] = [];
  /** How it answers from now on. */
  behaviour: Behaviour = accept;
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async listen(port = 0): Promise<Subscriber> {
    const subscriber = new Subscriber();
    subscriber.#server.listen(port, "127.0.0.1");
    await once(subscriber.#server, "listening");
    return subscriber;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get envelopes(): Envelope[] {
    return this.delivered.map(({ envelope }) => envelope);
  }

  answer(status: number): void {
    this.behaviour = (response) => void response.writeHead(status).end();
  }

  accept(): void {
    this.behaviour = accept;
  }

  /** Resolves once everything was read that senders which are gone had sent, late as that may be on a busy machine. */
  async caughtUp(): Promise<void> {
    const connections = promisify(this.#server.getConnections.bind(this.#server));
    // One that waits to be accepted is counted in a later turn.
    for (let quiet = 0; quiet < 5; ) {
      await sleep(5);
      quiet = (await connections()) === 0 ? quiet + 1 : 0;
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch (error) {
      // A sender that was killed while it sent has delivered nothing.
      if (request.complete) throw error;
      return;
    }
    const body = Buffer.concat(chunks).toString();
    const { url = "", headers } = request;
    const delivered = { path: url, headers, body, envelope: envelopeSchema.parse(JSON.parse(body)) };
    this.delivered.push(delivered);
    this.behaviour(response, delivered);
  }
}
