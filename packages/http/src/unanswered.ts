import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests of one connection that may wait for answers at the same time. Boxes and browsers wait for each answer. */
const maxOfConnection = 16;

/** ms that a client has to read the last answers, before its connection is closed. */
const lingerMs = 1000;

/** A connection while it is open. */
interface Connection {
  /** In the order of the requests. A response that waits behind another one gets no event when the connection ends. */
  responses: Set<ServerResponse>;
  /** No more requests are taken: the connection ends after the answers that are due. */
  isLast: boolean;
}

interface Hooks {
  /** Called when a connection has a request, and when all its requests are answered. */
  onBusy?(socket: Socket): void;
  onIdle?(socket: Socket): void;
}

/** The requests that a server has not answered yet. */
export class Unanswered {
  readonly #connections = new Map<Socket, Connection>();
  readonly #hooks: Hooks;
  #isClosing = false;

  constructor(hooks: Hooks = {}) {
    this.#hooks = hooks;
  }

  /**
   * Whether a request must be answered. If a client sends too many without waiting, those before are answered and its
   * connection is closed: Node parses all requests of one chunk, a thousand and more, before the first is answered.
   */
  add(response: ServerResponse): boolean {
    const { socket } = response.req;
    const connection = this.#connections.get(socket) ?? this.#begin(socket);
    const { responses } = connection;
    if (connection.isLast) return false;
    if (responses.size >= maxOfConnection) {
      this.#takeNoMore(socket, connection);
      return false;
    }
    if (this.#isClosing) endConnectionWith(response);
    responses.add(response);
    this.#hooks.onBusy?.(socket);
    response.once("close", () => {
      responses.delete(response);
      if (connection.isLast) endIfAnswered(socket, connection);
      else if (responses.size === 0) this.#hooks.onIdle?.(socket);
    });
    return true;
  }

  /** Whether a request of this connection waits for its answer. */
  has(socket: Socket): boolean {
    return (this.#connections.get(socket)?.responses.size ?? 0) > 0;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Whether an answer is being written to this connection, so that nothing else may be. */
  hasBegun(socket: Socket): boolean {
    return [...(this.#connections.get(socket)?.responses ?? [])].some((response) => response.headersSent);
  }

  /** Closes a connection after the answers to its complete requests. False if there are none. */
  endAfterAnswers(socket: Socket): boolean {
    const connection = this.#connections.get(socket);
    if (connection === undefined || !hasComplete(connection)) return connection?.isLast ?? false;
    this.#takeNoMore(socket, connection);
    return true;
  }

  /** From now on each answer closes its connection: else a client that keeps it open would keep the server running. */
  closing(): void {
    this.#isClosing = true;
    for (const { responses } of this.#connections.values()) {
      for (const response of responses) endConnectionWith(response);
    }
  }

  #takeNoMore(socket: Socket, connection: Connection): void {
    connection.isLast = true;
    socket.pause();
  }

  #begin(socket: Socket): Connection {
    const connection = { responses: new Set<ServerResponse>(), isLast: false };
    this.#connections.set(socket, connection);
    socket.once("close", () => this.#connections.delete(socket));
    return connection;
  }
}

function hasComplete({ responses }: Connection): boolean {
  return [...responses].some(({ req }) => req.complete);
}

/**
 * Ends a connection whose complete requests are answered. The rest of its bytes is dropped: closing a connection with
 * unread bytes resets it, and the client would lose the answers.
 */
function endIfAnswered(socket: Socket, connection: Connection): void {
  if (hasComplete(connection) || socket.destroyed) return;
  socket.end();
  socket.removeAllListeners("data");
  socket.on("data", () => {}).resume();
  const cut = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("end", () => socket.destroySoon()).once("close", () => clearTimeout(cut));
}

function endConnectionWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
