import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dahuaEvent } from "./dahua.ts";
import { DigestGuard } from "./digest-guard.ts";
import type { TerminalPassing } from "./form.ts";
import { Streams } from "./streams.ts";

interface Options {
  /** Its MAC. */
  id: string;
  /** Minutes by which its clock is ahead of UTC. */
  zone: number;
  user: string;
  password: string;
}

/** A terminal of Dahua that is asked for its events. Its stream has neither pictures nor earlier events. */
export class DahuaServer {
  readonly #options: Options;
  readonly #server: Server;
  readonly #guard: DigestGuard;
  readonly #streams = new Streams("multipart/x-mixed-replace; boundary=myboundary");

  private constructor(options: Options) {
    this.#options = options;
    this.#guard = new DigestGuard({ realm: "Login to ASI7213X", ...options });
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async open(options: Options): Promise<DahuaServer> {
    const terminal = new DahuaServer(options);
    terminal.#server.listen(0, "127.0.0.1");
    await once(terminal.#server, "listening");
    return terminal;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many clients follow its stream. */
  get listeners(): number {
    return this.#streams.count;
  }

  /** The number of logins that it refused. */
  get refusedLogins(): number {
    return this.#guard.refused;
  }

  /** Sends a passing to the clients of its stream. */
  passes(passing: TerminalPassing): void {
    const { Code, Action, Index, Data } = dahuaEvent(this.#options, { passing });
    this.event(Code, { action: Action, index: Index, data: Data });
  }

  /** Sends an event to the clients of its stream, with the data over several lines. */
  event(code: string, { action = "Pulse", index = 0, data }: { action?: string; index?: number; data: object }): void {
    this.send(`Code=${code};action=${action};index=${index};data=${JSON.stringify(data, null, 3)}\n`);
  }

  /** Sends a part to the clients of its stream. Its length is written without a blank, as by some firmware. */
  send(text: string): void {
    const content = Buffer.from(text);
    const head = `--myboundary\r\nContent-Type: text/plain\r\nContent-Length:${content.length}\r\n\r\n`;
    this.#streams.send(Buffer.concat([Buffer.from(head), content, Buffer.from("\r\n\r\n")]));
  }

  /** Ends its streams, as firmware does that restarts. */
  cut(): void {
    this.#streams.cut();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    if (!this.#guard.admits(request, response)) return;
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://terminal");
    const [action, name] = [searchParams.get("action"), searchParams.get("name")];
    if (pathname === "/cgi-bin/eventManager.cgi" && action === "attach") this.#streams.add(response);
    else if (pathname === "/cgi-bin/configManager.cgi" && action === "getConfig" && name === "Network")
      response.end(this.#network());
    else response.writeHead(400).end("Error\r\nBad Request!\r\n");
  }

  #network(): string {
    const lines = ["DefaultInterface=eth0", "eth2.PhysicalAddress=ff:ff:ff:00:00:00"];
    return [...lines, `eth0.PhysicalAddress=${this.#options.id}`].map((line) => `table.Network.${line}\r\n`).join("");
  }
}
