import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface RobotRequest {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface RobotAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** As JSON; a text is as it is. */
  body: unknown;
}

/** A web service of a channel on this machine. What it takes says each channel for itself. */
export class WebStandIn {
  readonly #server;
  readonly #answer: (request: RobotRequest) => RobotAnswer;
  /** Answers that replace its own, as long as there are any. */
  readonly troubles: RobotAnswer[] = [];
  /** How many requests began. */
  requests = 0;
  /** Whether it answers 503 to everything. */
  isDown = false;

  constructor(answer: (request: RobotRequest) => RobotAnswer) {
    this.#answer = answer;
    this.#server = createServer((request, response) => {
      this.requests += 1;
      void bytesOf(request).then((body) => {
        const { method = "", headers } = request;
        const url = new URL(request.url ?? "/", "http://robot.test");
        const own = () => (this.isDown ? { status: 503, body: {} } : this.#answer({ method, url, headers, body }));
        const { status = 200, headers: more, body: said } = this.troubles.shift() ?? own();
        const text = typeof said === "string" ? said : JSON.stringify(said);
        response.writeHead(status, { "content-type": "application/json", ...more }).end(text);
      });
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Counts messages as robots do: so many in any minute of a clock, or in another time. */
export class Rate {
  readonly #taken: number[] = [];
  readonly #limit: number;
  readonly #clock: () => number;

  readonly #ms: number;

  constructor(limit: number, clock: () => number, ms = 60_000) {
    this.#limit = limit;
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Whether there is room for one more. */
  take(): boolean {
    const now = this.#clock();
    while ((this.#taken[0] ?? now) <= now - this.#ms) this.#taken.shift();
    if (this.#taken.length >= this.#limit) return false;
    this.#taken.push(now);
    return true;
  }
}
