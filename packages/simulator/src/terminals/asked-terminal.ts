import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DigestGuard } from "./digest-guard.ts";

interface Options {
  realm: string;
  user: string;
  password: string;
  /** The content type of its stream; absent if it has none. */
  streams?: string;
}

/** A request to a terminal. */
export interface AskedOfTerminal {
  method: string;
  pathname: string;
  searchParams: URLSearchParams;
  body: Buffer;
}

/** A simulated terminal that is asked for its events, by digest, and has a stream of them. */
export abstract class AskedTerminal {
  readonly #server: Server;
  readonly #guard: DigestGuard;
  readonly #contentType: string;
  readonly #followers = new Set<ServerResponse>();

  constructor({ streams = "", ...login }: Options) {
    this.#contentType = streams;
    this.#guard = new DigestGuard(login);
    this.#server = createServer((request, response) => {
      this.#read(request, response).catch(() => response.destroy());
    });
  }

  /** Answers a request that is logged in. */
  protected abstract answer(asked: AskedOfTerminal, response: ServerResponse): void;

  /** Adds a client to those that follow its stream. */
  protected follow(response: ServerResponse): void {
    response.writeHead(200, { "content-type": this.#contentType }).flushHeaders();
    response.on("close", () => this.#followers.delete(response));
    this.#followers.add(response);
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many clients follow its stream. */
  get listeners(): number {
    return this.#followers.size;
  }

  /** The number of logins that it refused. */
  get refusedLogins(): number {
    return this.#guard.refused;
  }

  /** Sends bytes to the clients of its stream. */
  send(bytes: Buffer): void {
    for (const response of this.#followers) response.write(bytes);
  }

  /** Ends its streams, as firmware does that restarts. */
  cut(): void {
    for (const response of this.#followers) response.destroy();
    this.#followers.clear();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #read(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (!this.#guard.admits(request, response)) return;
    const { method = "GET", url = "/" } = request;
    const { pathname, searchParams } = new URL(url, "http://terminal");
    this.answer({ method, pathname, searchParams, body: Buffer.concat(chunks) }, response);
  }
}
