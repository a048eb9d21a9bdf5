import type { ServerResponse } from "node:http";
import { isObject, type JsonObject, jsonIn } from "@gatepost/protocol";
import { exchange } from "../post.ts";
import { type AskedOfTerminal, AskedTerminal } from "./asked-terminal.ts";
import type { TerminalPassing, TerminalReply, TerminalRequest } from "./form.ts";
import { Terminal } from "./terminal.ts";

interface Options {
  /** Its serial. */
  id: string;
  /** Minutes by which its clock is ahead of UTC. */
  zone: number;
  user: string;
  password: string;
}

const path = "/LAPI/V1.0/System/Event/Subscription";
const timeoutMs = 10_000;

/** A terminal of Uniview that has one subscription, which is renewed by its id, and posts its verifications to it. */
export class UniviewServer extends AskedTerminal {
  readonly #terminal: Terminal;
  #subscriber: URL | null = null;
  /** The requests that it got, as `POST` or `PUT 1000`. */
  readonly asked: string[] = [];
  /** The members of its answers to a subscription, if they are other than usual. */
  replies: JsonObject = { Data: { ID: "1000", Reference: "", CurrentTime: 0, TerminationTime: 3600 } };

  private constructor(options: Options) {
    super({ ...options, realm: "UNIVIEW" });
    this.#terminal = new Terminal({ ...options, make: "uniview", send: (request) => this.#post(request) });
  }

  static open(options: Options): Promise<UniviewServer> {
    return new UniviewServer(options).listen();
  }

  /** Passings that are not answered yet. */
  get waiting(): number {
    return this.#terminal.waiting;
  }

  passes(passing: TerminalPassing): void {
    this.#terminal.passes(passing);
  }

  /** Posts each passing that is not answered yet, once. */
  deliver(): Promise<void> {
    return this.#terminal.deliver();
  }

  /** It loses its power, and with it its subscription. */
  restart(): void {
    this.#subscriber = null;
    this.#terminal.restart();
  }

  protected answer({ method, pathname, body }: AskedOfTerminal, response: ServerResponse): void {
    const id = pathname.slice(path.length + 1);
    this.asked.push(`${method} ${id}`.trim());
    if (method === "POST" && pathname === path) this.#subscriber = subscriberIn(body);
    else if (method !== "PUT" || this.#subscriber === null) {
      response.writeHead(404).end();
      return;
    }
    const usual = { ResponseURL: pathname, CreatedID: -1, ResponseCode: 0, ResponseString: "Succeed" };
    response.end(JSON.stringify({ Response: { ...usual, StatusCode: 0, StatusString: "Succeed", ...this.replies } }));
  }

  async #post({ method, path: to, contentType, body }: TerminalRequest): Promise<TerminalReply | null> {
    if (this.#subscriber === null) return null;
    return exchange(
      new URL(to, this.#subscriber),
      { method, contentType, bytes: body },
      { timeoutMs, manner: "whole" },
    );
  }
}

function subscriberIn(body: Buffer): URL | null {
  const sent = jsonIn(body.toString());
  return isObject(sent) ? new URL(`http://${sent["IPAddress"]}:${sent["Port"]}`) : null;
}
