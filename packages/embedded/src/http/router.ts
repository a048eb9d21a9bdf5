import type { IncomingMessage, ServerResponse } from "node:http";
import { maxImportBytes, problem } from "@gatepost/api";
import { GatepostError, notFound } from "@gatepost/core/errors";
import { hashToken } from "@gatepost/core/keys";
import { destinationOf, eventTypeAt } from "@gatepost/core/paths";
import { Room } from "@gatepost/core/room";
import {
  type AnswerLimits,
  Answers,
  Bodies,
  boxRequestHead,
  type Connections,
  Incomplete,
  type PaceLimits,
  type PublicAddress,
  refuse,
  requestTarget,
  send,
  type TrustedProxies,
  Turns,
} from "@gatepost/http";
import { type Admission, authenticate, Body, deliver, hasNoKeyInHeaders, type RequestHead } from "@gatepost/receive";
import type { Runtime } from "../runtime/runtime.ts";
import type { ConsolePage } from "./console-page.ts";
import { fromWeb, toWeb } from "./web.ts";

/** Most bytes of a body for the API, and of all of them together: its bodies are small documents. */
const maxApiBody = 128 * 1024;
const maxApiInFlight = 8 * 1024 * 1024;

/** Imports from another store contain pictures, and rosters a month of all people. They use the same room as reports. */
const largePath = /^\/v1\/(?:imports|rosters)\//;

const webSocketOnly = notFound(
  "this is for WebSockets: connect by ws:// or wss://, and let a proxy in between pass `Upgrade` on",
);

interface RouterOptions {
  pace: Partial<PaceLimits>;
  answers: Partial<AnswerLimits>;
  connections: Connections;
  proxies: TrustedProxies;
  page: ConsolePage;
  address: PublicAddress;
}

/** Routes each request: of boxes, by their key, to ingest; of clients to the API. */
export class Router {
  readonly #runtime: Runtime;
  readonly #bodies: Bodies;
  /** Bodies for the API have a separate room, so that they cannot take the room of boxes. */
  readonly #apiBodies: Bodies;
  readonly #answers: Answers;
  readonly #connections: Connections;
  readonly #proxies: TrustedProxies;
  readonly #page: ConsolePage;
  readonly #address: PublicAddress;
  /** Handles one API request in a turn of the event loop, so that boxes get their turns however many clients ask. */
  readonly #apiTurns = new Turns(1);

  constructor(runtime: Runtime, { pace, answers, connections, proxies, page, address }: RouterOptions) {
    this.#runtime = runtime;
    const onSlow = (request: IncomingMessage) =>
      runtime.ingest.refusals.noteConnection("too-slow", this.#headOf(request));
    this.#bodies = new Bodies(runtime.ingest.room, pace, onSlow);
    this.#apiBodies = new Bodies(new Room(maxApiInFlight, maxApiInFlight / 2), pace, onSlow);
    this.#answers = new Answers(answers);
    this.#connections = connections;
    this.#proxies = proxies;
    this.#page = page;
    this.#address = address;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#address.strip(request) && asksForPage(request)) {
      const query = requestTarget(request).slice(this.#address.basePath.length);
      send(response, { status: 308, headers: { location: `${this.#address.basePath}/${query}` }, body: "" });
      return;
    }
    const target = requestTarget(request);
    const page = asksForPage(request)
      ? this.#page.find(pathOf(target), request.headersDistinct["accept-encoding"]?.join())
      : null;
    if (page !== null) {
      send(response, page);
      return;
    }
    try {
      const destination = destinationOf(pathOf(target));
      if (destination === "ingest") await this.#deliver(request, response);
      else if (pathOf(target) === "/live") this.#sayWebSocket(request, response);
      // The API answers that it has nothing at this address.
      else await this.#ask(destination === "api" ? target : "/", request, response);
    } catch (error) {
      refuse(response, error, this.#runtime.ingest);
    }
  }

  #headOf(request: IncomingMessage): RequestHead {
    return boxRequestHead(request, this.#proxies.clientOf(request), this.#runtime.ingest.terminals);
  }

  /** Refuses a request without a live key before its body is read. */
  async #deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { ingest, reads, boxes } = this.#runtime;
    const head = this.#headOf(request);
    const keyless = ingest.terminals?.keyless(head) ?? null;
    if (keyless !== null) return send(response, keyless);
    let admitted: Admission | null = null;
    try {
      const admission = await authenticate(head, ingest);
      admitted = admission;
      this.#connections.showedKey(request.socket);
      await this.#bodies.read(response, { maxBytes: reads.server.bodyBytes, holder: admission.box }, async (bytes) => {
        const takes = eventTypeAt(admission.path);
        send(response, await deliver({ ...head, body: new Body(bytes) }, admission, ingest, takes));
      });
    } catch (error) {
      ingest.refusals.noteError(error, head);
      if (admitted !== null) {
        boxes.refused(admitted.box, { path: admitted.path, bytes: 0, address: head.address }, error);
      }
      throw error;
    }
  }

  /** A request without a WebSocket may have passed a proxy that removes `Upgrade`. */
  #sayWebSocket(request: IncomingMessage, response: ServerResponse): void {
    const { refusals } = this.#runtime.ingest;
    refusals.note("wrong-path", this.#headOf(request));
    send(response, webSocketOnly);
  }

  /** Asks the API. A body is read only from clients that may send one, so a request without a key takes no room. */
  async #ask(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#apiTurns.next(1);
    // A response that waits behind another one on its connection gets no close event, so the connection is checked.
    if (request.socket.destroyed) return;
    const asked = toWeb({ request, target, readBody: () => this.#apiBody(target, response) });
    const address = this.#proxies.clientOf(request);
    let holder = address;
    const { isHttps, origin, basePath } = this.#address;
    const answer = await this.#runtime.api.fetch(asked, {
      address,
      isHttps: isHttps || this.#proxies.isHttps(request),
      saysHttps: this.#proxies.saysHttps(request),
      origin,
      basePath,
      onAdmitted: () => {
        this.#connections.showedReadersKey(request.socket);
        holder = keyOf(request) ?? address;
      },
      onGone: (gone) => {
        // A client that has ended its side may still read its answer: it gets the one of now.
        request.socket.once("end", gone).once("close", gone);
        return () => void request.socket.off("end", gone).off("close", gone);
      },
    });
    const sending = { answers: this.#answers, holder };
    await fromWeb(answer, response, sending).catch(async (error: unknown) => {
      if (response.headersSent) throw error;
      await fromWeb(problem(error, this.#runtime.ingest.log), response, sending);
    });
  }

  async #apiBody(target: string, response: ServerResponse): Promise<Uint8Array> {
    const read = Promise.withResolvers<Uint8Array>();
    try {
      const [bodies, maxBytes] = largePath.test(target)
        ? [this.#bodies, maxImportBytes]
        : [this.#apiBodies, maxApiBody];
      const holder = keyOf(response.req) ?? "";
      await bodies.read(response, { maxBytes, holder }, async (body) => read.resolve(new Uint8Array(body)));
    } catch (error) {
      throw error instanceof Incomplete ? new GatepostError("bad-request", error.message) : error;
    }
    return read.promise;
  }
}

/** Identifies the key of an API request by the header that contains it. */
function keyOf({ headers: { authorization } }: IncomingMessage): string | null {
  // Any number of spaces may precede it.
  return authorization === undefined ? null : hashToken(authorization.trim().split(" ").at(-1) ?? "");
}

/** Whether a browser asks for the page. A box that checks its URL sends its key; a browser does not. */
function asksForPage(request: IncomingMessage): boolean {
  const { method, headers } = request;
  if (!(method === "GET" || method === "HEAD") || !hasNoKeyInHeaders(headers)) return false;
  const target = requestTarget(request);
  return !new URLSearchParams(target.slice(pathOf(target).length)).has("token");
}

function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}
