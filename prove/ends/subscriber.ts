import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Random } from "@gatepost/simulator";
import * as z from "zod";

/** What a subscriber does with an entry. `lost`: it takes it, and its answer does not arrive. */
export const behaviours = ["takes", "fails", "refuses", "forbids", "cuts", "lost"] as const;
export type Behaviour = (typeof behaviours)[number];

const statuses = { takes: 204, fails: 500, refuses: 422, forbids: 401 } as const;

/** One try to deliver, as the subscriber sees it. */
export interface Tried {
  /** The action that is announced. */
  action: string;
  behaviour: Behaviour;
  /** The generation of the server at that time. */
  generation: number;
}

const envelope = z.object({ detail: z.object({ idempotency_key: z.string() }) });

/** A subscriber that fails in every way, as often as it is told. */
export class Subscriber {
  readonly tried: Tried[] = [];
  /** How often it does something else than to take an entry, and what. */
  mood: { behaviour: Behaviour; strength: number } = { behaviour: "takes", strength: 0 };
  generation = 0;
  readonly #random: Random;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(random: Random) {
    this.#random = random;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { generation } = this;
    // A server that ends cuts its requests.
    const body = await text(request).catch(() => null);
    if (body === null) return;
    const behaviour = this.#random() < this.mood.strength ? this.mood.behaviour : "takes";
    const action = envelope.parse(JSON.parse(body)).detail.idempotency_key;
    this.tried.push({ action, behaviour, generation });
    if (behaviour === "cuts" || behaviour === "lost") request.socket.destroy();
    else response.writeHead(statuses[behaviour]).end();
  }
}
