import type { IncomingMessage, ServerResponse } from "node:http";
import { Bodies, gatewayEvent, refuse, send } from "@gatepost/http";
import { authenticate, boxRequest, type Receiver, receiver, reservedSegments } from "@gatepost/ingest";
import type { Runtime } from "../runtime.ts";
import { consolePage } from "./console-page.ts";
import { fromWeb, toWeb } from "./web.ts";

/** Bytes of a body that the API reads; its bodies are small documents. */
const maxApiBody = 1024 * 1024;

/** Leads each request to where it belongs: boxes to the handlers under their key, readers to the API. */
export class Router {
  readonly #machine: Runtime;
  readonly #receive: Receiver;
  readonly #bodies: Bodies;
  readonly #maxBody: number;

  constructor(machine: Runtime, { maxBody, maxInFlight }: { maxBody: number; maxInFlight: number }) {
    this.#machine = machine;
    this.#receive = receiver(machine.ingest);
    this.#bodies = new Bodies(maxInFlight);
    this.#maxBody = maxBody;
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
      refuse(response, error, this.#machine.ingest);
    }
  }

  /** A request without a live key is refused before its body is read. */
  async #deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = this.#machine.ingest.clock();
    await authenticate(boxRequest(gatewayEvent(request, { now })), this.#machine.ingest);
    await this.#bodies.read(response, this.#maxBody, async (body) => {
      send(response, await this.#receive(gatewayEvent(request, { body, now })));
    });
  }

  async #read(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#bodies.read(response, maxApiBody, async (body) => {
      const address = request.socket.remoteAddress ?? "";
      await fromWeb(await this.#machine.api.fetch(toWeb(request, body), { address }), response);
    });
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
