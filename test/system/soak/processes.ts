import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bin } from "../../support/command.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";

const gateProcess = fileURLToPath(new URL("../bridge/gate-process.ts", import.meta.url));
const se5Process = fileURLToPath(new URL("./se5-process.ts", import.meta.url));

/** A process that is killed and started again. */
interface Victim {
  start(): Promise<void>;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** As an operator would. */
  stop(): Promise<void>;
}

/** A process that says in a line that it is ready. */
class Program implements Victim {
  #args: readonly string[];
  readonly #ready: RegExp;
  #child: ChildProcess | null = null;
  #written = "";

  constructor(args: readonly string[], ready: RegExp) {
    this.#args = args;
    this.#ready = ready;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, this.#args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.on("data", (chunk: Buffer) => {
      this.#written = `${this.#written}${chunk}`.slice(-20_000);
    });
    await new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error(`it ended before it was ready:\n${this.#written}`)));
      createInterface({ input: child.stdout }).on("line", (line) => this.#ready.test(line) && resolve());
    });
    this.#child = child;
  }

  /** Changes its last argument for when it is started again. */
  argue(last: string): void {
    this.#args = [...this.#args.slice(0, -1), last];
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Asks it to be quiet without ending it. */
  signal(): void {
    this.#child?.kill("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

export const bridgeProgram = (config: string) => new Program([bin, "bridge", "run", "--config", config], /^bridging/);

export const gateProgram = (of: {
  name: string;
  version: string;
  file: string;
  port: number;
  url: string;
  strangers: number;
}) => new Program([gateProcess, of.name, of.version, of.file, String(of.port), of.url, String(of.strangers)], /^ready/);

export const se5Program = (
  box: string,
  { memory, livePort, apiPort }: { memory: string; livePort: number; apiPort: number },
) => new Program([se5Process, box, memory, String(livePort), String(apiPort)], /^ready/);

/** A Gatepost on a folder and a port that stay. */
export class ServerProgram implements Victim {
  readonly port: number;
  readonly #data: string;
  #server: GatepostProcess | null = null;

  constructor(data: string, port: number) {
    this.#data = data;
    this.port = port;
  }

  get running(): GatepostProcess {
    if (this.#server === null) throw new Error("the server does not run");
    return this.#server;
  }

  async start(): Promise<void> {
    this.#server = await startGatepost(this.#data, ["--port", String(this.port)]);
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
    this.#server = null;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }
}
