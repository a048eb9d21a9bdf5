import type { IncomingMessage, ServerResponse } from "node:http";
import { Bodies, boxRequestHead, refuse, send } from "@gatepost/http";
import { authenticate, Body, deliver, reservedSegments } from "@gatepost/ingest";
import type { Runtime } from "../runtime.ts";
import { consolePage } from "./console-page.ts";
import { fromWeb, toWeb } from "./web.ts";

/** Bytes of a body that the API reads: its bodies are small documents. */
const maxApiBody = 1024 * 1024;

/** Sends each request to its handler: boxes, by their key, to ingest; clients to the API. */
export class Router {
  readonly #runtime: Runtime;
  readonly #bodies: Bodies;
  readonly #maxBody: number;

  constructor(runtime: Runtime, { maxBody, maxInFlight }: { maxBody: number; maxInFlight: number }) {
    this.#runtime = runtime;
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
      refuse(response, error, this.#runtime.ingest);
    }
  }

  /** Refuses a request without a live key before its body is read. */
  async #deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { ingest } = this.#runtime;
    const head = boxRequestHead(request);
    const admission = await authenticate(head, ingest);
    await this.#bodies.read(response, this.#maxBody, async (bytes) => {
      send(response, await deliver({ ...head, body: new Body(bytes) }, admission, ingest));
    });
  }

  async #read(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#bodies.read(response, maxApiBody, async (body) => {
      const address = request.socket.remoteAddress ?? "";
      await fromWeb(await this.#runtime.api.fetch(toWeb(request, body), { address }), response);
    });
  }
}

/** A box that only checks whether its URL works sends its key; the browser of a person does not. */
function asksForPage({ method, headers }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && headers.authorization === undefined;
}

function isReserved({ url = "/" }: IncomingMessage): boolean {
  const first = /^\/*([^/?#]*)/.exec(url)?.[1];
  return reservedSegments.some((reserved) => reserved === first);
}
