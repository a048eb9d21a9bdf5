import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import type { Log } from "@gatepost/core/log";
import { RecentCache } from "../dynamo/recent-cache.ts";
import type { EndedOf, LiveConnections } from "./connections.ts";

/** Most bytes that API Gateway takes as one message. */
export const maxMessageBytes = 128 * 1024;

/** The connections at API Gateway. */
export class Sockets {
  readonly #client: ApiGatewayManagementApiClient;
  readonly #limit: number;

  constructor(client: ApiGatewayManagementApiClient, limit: number) {
    this.#client = client;
    this.#limit = limit;
  }

  /** Returns false if the connection is no longer open. */
  async send(id: string, text: Buffer): Promise<boolean> {
    return this.#reached(
      this.#client.send(new PostToConnectionCommand({ ConnectionId: id, Data: text }), this.#inTime()),
    );
  }

  async isOpen(id: string): Promise<boolean> {
    return this.#reached(this.#client.send(new GetConnectionCommand({ ConnectionId: id }), this.#inTime()));
  }

  async end(id: string): Promise<void> {
    await this.#reached(this.#client.send(new DeleteConnectionCommand({ ConnectionId: id }), this.#inTime()));
  }

  async #reached(sent: Promise<unknown>): Promise<boolean> {
    try {
      await sent;
      return true;
    } catch (error) {
      if (error instanceof GoneException) return false;
      throw error;
    }
  }

  #inTime() {
    return { abortSignal: AbortSignal.timeout(this.#limit) };
  }
}

/** Closes a connection that would miss an event. Its client reconnects with its last event. */
export async function disconnect(
  id: string,
  { connections, sockets }: { connections: LiveConnections; sockets: Sockets },
): Promise<void> {
  await sockets.end(id);
  await connections.remove(id);
}

/** ms for which a process does not ask again about the connections of a key: a refused client may reconnect at once. */
const askEveryMs = 1000;

/** Keys that a process remembers to have asked about. */
const maxRemembered = 1000;

interface Deps {
  sockets: Pick<Sockets, "isOpen">;
  log: Log;
  clock(): number;
}

/** Asks API Gateway which connections are over. One about which it does not answer counts as open. */
export function askWhichEnded({ sockets, log, clock }: Deps): EndedOf {
  const asked = new RecentCache<true>(maxRemembered);
  const isOver = async (id: string): Promise<boolean> => {
    try {
      return !(await sockets.isOpen(id));
    } catch (cause) {
      log.warn("could not check whether a live-feed connection is closed", { cause });
      return false;
    }
  };
  return async (keyId, ids) => {
    const now = clock();
    if (asked.find(keyId, now - askEveryMs)) return [];
    asked.note(keyId, true, now);
    const over = await Promise.all(ids.map(isOver));
    return ids.filter((_, index) => over[index]);
  };
}
