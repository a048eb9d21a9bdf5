import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { requireOwnOrigin, sessionTokenIn } from "@gatepost/api";
import { hasSessionForm, type Viewers } from "@gatepost/core/accounts";
import { GatepostError, refusal } from "@gatepost/core/errors";
import { findKey, hashToken, hasTokenForm, opensFeeds, possibleTokens } from "@gatepost/core/keys";
import { isReserved } from "@gatepost/core/paths";
import { boxRequestHead, type Connections, type PublicAddress, type TrustedProxies, turnAway } from "@gatepost/http";
import type { Ports, RequestHead } from "@gatepost/receive";
import { WebSocketServer } from "ws";
import type { StoreClock } from "../db/store-clock.ts";
import type { Signal } from "../events/signal.ts";
import { LiveHub, type LivePorts } from "./hub.ts";
import { type Admitted, Subscriber } from "./subscriber.ts";

/** A configuration is small. */
const maxBytes = 64 * 1024;

const pingEveryMs = 30_000;
/** Most ms until a connection is closed after its key has ended. */
const endEveryMs = 1000;
/** ms that clients have to close their connections when the server ends. */
const closeTimeoutMs = 1000;

export interface EndpointPorts {
  ingest: Ports;
  reads: LivePorts["reads"];
  changes: LivePorts["changes"];
  /** Signals the id of each key that is revoked. */
  revocations: Signal<string>;
  viewers: Viewers;
  /** Tells when keys end. */
  storeClock: Pick<StoreClock, "believed">;
}

interface Clients {
  connections: Connections;
  proxies: TrustedProxies;
  address: PublicAddress;
}

/**
 * The socket for clients of an SE5. It lets them in by a key in the URL or a session, pings them, and disconnects them
 * when their key or session ends.
 */
export class LiveEndpoint {
  readonly #deps: EndpointPorts;
  readonly #clients: Clients;
  readonly #feed: LiveHub;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: maxBytes, perMessageDeflate: false });
  readonly #pinging: NodeJS.Timeout;
  readonly #ending: NodeJS.Timeout;
  readonly #endListening: () => void;
  #isClosed = false;

  constructor(deps: EndpointPorts, clients: Clients) {
    this.#deps = deps;
    this.#clients = clients;
    this.#feed = new LiveHub({ ...deps, log: deps.ingest.log });
    this.#pinging = setInterval(() => this.#each((connection) => connection.ping()), pingEveryMs);
    this.#ending = setInterval(() => this.#each((connection) => this.#check(connection)), endEveryMs);
    this.#ending.unref();
    this.#pinging.unref();
    this.#endListening = deps.revocations.listen((id) =>
      this.#each((connection) => {
        if (connection.viewer.id === id) connection.close(1008, "the key was revoked");
      }),
    );
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#clients.address.strip(request);
    const asked = boxRequestHead(request, this.#clients.proxies.clientOf(request));
    try {
      const admitted = await this.#admit(request, asked);
      // A client that is let in after the others were disconnected would stay for ever.
      if (this.#isClosed) socket.destroy();
      if (socket.destroyed) return;
      this.#clients.connections.showedReadersKey(request.socket);
      this.#sockets.handleUpgrade(request, socket, head, (opened) =>
        this.#feed.add(new Subscriber(opened, { ...admitted, clock: () => this.#deps.storeClock.believed() })),
      );
    } catch (error) {
      this.#deps.ingest.refusals.noteError(error, asked);
      turnAway(request, socket, refusal(error, this.#deps.ingest, "subscriber refused"));
    }
  }

  /** Disconnects all clients. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#pinging);
    clearInterval(this.#ending);
    this.#endListening();
    this.#feed.close();
    const gone = [...this.#feed.connections].map(
      (connection) => new Promise<void>((resolve) => connection.onClose(resolve)),
    );
    this.#each((connection) => connection.close(1001, "the server ends"));
    const cut = setTimeout(() => this.#each((connection) => connection.terminate()), closeTimeoutMs);
    await Promise.all(gone);
    clearTimeout(cut);
  }

  async #admit(request: IncomingMessage, asked: RequestHead): Promise<Admitted> {
    const { authRateLimiter, refusals } = this.#deps.ingest;
    const { segments, address } = asked;
    if (segments[0] !== "live" && isReserved(segments)) {
      refusals.note("wrong-path", asked);
      throw new GatepostError("not-found", "the WebSocket is at /live?token=KEY");
    }
    const tokens = possibleTokens(asked, hasTokenForm);
    for (const token of tokens) {
      const admitted = await this.#admitBy(token);
      if (admitted !== null) return admitted;
    }
    const session = tokens.length === 0 ? await this.#sessionOf(request) : null;
    if (session !== null) return session;
    authRateLimiter.fail(address);
    throw new GatepostError("unauthorized", "no live key in this URL; connect to /live?token=KEY");
  }

  /** Who is behind a key. Throws 403 for a key that reads nothing here. */
  async #admitBy(token: string): Promise<Admitted | null> {
    const { keys } = this.#deps.ingest;
    const key = await findKey(token, keys);
    if (key === null) return null;
    if (!opensFeeds(key)) {
      throw new GatepostError("forbidden", `this is a key to ${key.scope}; use one of scope read or admin`);
    }
    await keys.noteUse(key);
    return { viewer: key, tokenHash: hashToken(token) };
  }

  /** The session in the cookie of a request. Throws 403 if a page of another origin sends it. */
  async #sessionOf(request: IncomingMessage): Promise<Admitted | null> {
    const { proxies, address } = this.#clients;
    const { origin, basePath } = address;
    const isHttps = address.isHttps || proxies.isHttps(request);
    const headers = new Headers(
      Object.entries(request.headersDistinct).map(([name, all]) => [name, all?.join(", ") ?? ""]),
    );
    const token = sessionTokenIn(headers, { isHttps, basePath });
    if (token === undefined || !hasSessionForm(token)) return null;
    requireOwnOrigin(headers, { isHttps, origin });
    const tokenHash = hashToken(token);
    const viewer = await this.#deps.viewers.find(tokenHash);
    return viewer === null ? null : { viewer, tokenHash };
  }

  /** Closes a connection whose key or session has ended, or has to be asked again; else notes which boxes it sees. */
  #check(connection: Subscriber): void {
    this.#deps.viewers
      .find(connection.tokenHash)
      .then((viewer) => {
        if (viewer === null || viewer.isDue === true) connection.close(1008, "the key or session has ended");
        else connection.viewer = viewer;
      })
      .catch((cause: unknown) => this.#deps.ingest.log.error("could not read a live client's key", { cause }));
  }

  #each(use: (connection: Subscriber) => void): void {
    for (const connection of [...this.#feed.connections]) use(connection);
  }
}
