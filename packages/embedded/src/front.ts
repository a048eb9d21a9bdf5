import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate, boxRequest, type Receiver, receiver, refusal, reservedSegments } from "@gatepost/ingest";
import { refuse, send } from "./answer.ts";
import { Incomplete, InFlight, withBody } from "./body.ts";
import { consolePage } from "./console-page.ts";
import { gatewayEvent } from "./gateway-event.ts";
import type { Machine } from "./machine.ts";
import { fromWeb, toWeb } from "./web.ts";

/** Bytes of a body that the API reads; its bodies are small documents. */
const maxApiBody = 1024 * 1024;

/** Leads each request to where it belongs: boxes to the handlers under their key, readers to the API. */
export class Front {
  readonly #machine: Machine;
  readonly #receive: Receiver;
  readonly #inFlight: InFlight;
  readonly #maxBody: number;
  #isClosing = false;

  constructor(machine: Machine, { maxBody, maxInFlight }: { maxBody: number; maxInFlight: number }) {
    this.#machine = machine;
    this.#receive = receiver(machine.ingest);
    this.#inFlight = new InFlight(maxInFlight);
    this.#maxBody = maxBody;
  }

  /** From now on each answer is the last of its connection. */
  closing(): void {
    this.#isClosing = true;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = asksForPage(request) ? consolePage(request.url ?? "") : null;
    if (page !== null) {
      send(response, page);
      return;
    }
    try {
      await (isReserved(request) ? this.#read(request, response) : this.#deliver(request, response));
    } catch (error) {
      if (error instanceof Incomplete) response.destroy();
      else refuse(request, response, refusal(error, this.#machine.ingest));
    }
  }

  /** A request without a live key is refused before its body is read. */
  async #deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = this.#machine.ingest.clock();
    await authenticate(boxRequest(gatewayEvent(request, { body: Buffer.alloc(0), now })), this.#machine.ingest);
    await this.#withBody(request, response, this.#maxBody, async (body) => {
      const answer = await this.#receive(gatewayEvent(request, { body, now }));
      this.#keepOrClose(response);
      send(response, answer);
    });
  }

  async #read(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#withBody(request, response, maxApiBody, async (body) => {
      const address = request.socket.remoteAddress ?? "";
      const answer = await this.#machine.api.fetch(toWeb(request, body), { address });
      this.#keepOrClose(response);
      await fromWeb(answer, response);
    });
  }

  async #withBody(
    request: IncomingMessage,
    response: ServerResponse,
    most: number,
    use: (body: Buffer) => Promise<void>,
  ): Promise<void> {
    if (request.headers.expect !== undefined) response.writeContinue();
    await withBody(request, { most, inFlight: this.#inFlight }, use);
  }

  #keepOrClose(response: ServerResponse): void {
    if (this.#isClosing) response.setHeader("connection", "close");
  }
}

/** A box that only looks whether its URL works has its key somewhere; a person's browser has not. */
function asksForPage({ method, headers }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && headers.authorization === undefined;
}

function isReserved({ url = "/" }: IncomingMessage): boolean {
  const first = /^\/*([^/?#]*)/.exec(url)?.[1];
  return reservedSegments.some((reserved) => reserved === first);
}
