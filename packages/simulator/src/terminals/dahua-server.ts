import type { ServerResponse } from "node:http";
import { type AskedOfTerminal, AskedTerminal } from "./asked-terminal.ts";
import { dahuaEvent } from "./dahua.ts";
import type { TerminalPassing } from "./form.ts";

interface Options {
  /** Its MAC. */
  id: string;
  /** Minutes by which its clock is ahead of UTC. */
  zone: number;
  user: string;
  password: string;
}

/** A terminal of Dahua that is asked for its events. Its stream has neither pictures nor earlier events. */
export class DahuaServer extends AskedTerminal {
  readonly #options: Options;

  private constructor(options: Options) {
    super({ ...options, realm: "Login to ASI7213X", streams: "multipart/x-mixed-replace; boundary=myboundary" });
    this.#options = options;
  }

  static open(options: Options): Promise<DahuaServer> {
    return new DahuaServer(options).listen();
  }

  /** Sends a passing to the clients of its stream. */
  passes(passing: TerminalPassing): void {
    const { Code, Action, Index, Data } = dahuaEvent(this.#options, { passing });
    this.event(Code, { action: Action, index: Index, data: Data });
  }

  /** Sends an event to the clients of its stream, with the data over several lines. */
  event(code: string, { action = "Pulse", index = 0, data }: { action?: string; index?: number; data: object }): void {
    this.sendPart(`Code=${code};action=${action};index=${index};data=${JSON.stringify(data, null, 3)}\n`);
  }

  /** Sends a part to the clients of its stream. Its length is written without a blank, as by some firmware. */
  sendPart(text: string): void {
    const content = Buffer.from(text);
    const head = `--myboundary\r\nContent-Type: text/plain\r\nContent-Length:${content.length}\r\n\r\n`;
    this.send(Buffer.concat([Buffer.from(head), content, Buffer.from("\r\n\r\n")]));
  }

  protected answer({ pathname, searchParams }: AskedOfTerminal, response: ServerResponse): void {
    const [action, name] = [searchParams.get("action"), searchParams.get("name")];
    if (pathname === "/cgi-bin/eventManager.cgi" && action === "attach") this.follow(response);
    else if (pathname === "/cgi-bin/configManager.cgi" && action === "getConfig" && name === "Network")
      response.end(this.#network());
    else response.writeHead(400).end("Error\r\nBad Request!\r\n");
  }

  #network(): string {
    const lines = ["DefaultInterface=eth0", "eth2.PhysicalAddress=ff:ff:ff:00:00:00"];
    return [...lines, `eth0.PhysicalAddress=${this.#options.id}`].map((line) => `table.Network.${line}\r\n`).join("");
  }
}
