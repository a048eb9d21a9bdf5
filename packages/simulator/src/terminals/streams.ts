import type { ServerResponse } from "node:http";

/** The clients that follow the stream of a simulated terminal. */
export class Streams {
  readonly #contentType: string;
  readonly #responses = new Set<ServerResponse>();

  constructor(contentType: string) {
    this.#contentType = contentType;
  }

  get count(): number {
    return this.#responses.size;
  }

  add(response: ServerResponse): void {
    response.writeHead(200, { "content-type": this.#contentType }).flushHeaders();
    response.on("close", () => this.#responses.delete(response));
    this.#responses.add(response);
  }

  /** Sends bytes to all of them. */
  send(bytes: Buffer): void {
    for (const response of this.#responses) response.write(bytes);
  }

  /** Ends all of them, as firmware does that restarts. */
  cut(): void {
    for (const response of this.#responses) response.destroy();
    this.#responses.clear();
  }
}
