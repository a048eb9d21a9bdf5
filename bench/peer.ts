import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { firstTime } from "./body.ts";

const withToken = z.object({ token: z.string() });

/** ms of one turn of an event loop, and of CPU in one. */
interface Stall {
  still: number;
  busy: number;
}

/** A receiver that runs in a separate process. */
export class Peer {
  url: string;
  readonly #child: ChildProcess;

  constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Seconds of CPU that the process has used, system calls included. */
  get cpu(): number {
    // The name of the program, in brackets, may have blanks.
    const [, stat = ""] = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").split(") ");
    const [user, system] = stat.split(" ").slice(11, 13).map(Number);
    return ((user ?? 0) + (system ?? 0)) / 100;
  }

  /** Bytes that were resident at most so far. */
  get peakBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /**
   * The longest time for which its event loop was blocked since the last call. Only a program with stall.ts reports it.
   */
  async stall(): Promise<Stall> {
    const said = new Promise<Stall>((resolve) => {
      this.#onStall = resolve;
    });
    this.#child.kill("SIGUSR2");
    return said;
  }

  #onStall: (stall: Stall) => void = () => {};

  hear(line: string): void {
    const [, still, busy] = /^stall (\S+) (\S+)$/.exec(line) ?? [];
    if (busy !== undefined) this.#onStall({ still: Number(still), busy: Number(busy) });
  }

  async end(): Promise<void> {
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
  }
}

/** The running programs, so that they end with this process, even if that fails. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill();
});

/** What a log says of a program that is well. */
const usualLine = /"level":"(info|warn)"/;

/** Starts a program and waits until it prints its address. */
export async function start(program: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child.once("exit", () => running.delete(child)));
  const lines = createInterface({ input: child.stdout });
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (!usualLine.test(line)) process.stderr.write(`${line}\n`);
  });
  return await new Promise((resolve, reject) => {
    let peer: Peer | null = null;
    lines.on("line", (line) => {
      const url = /(?:listening|Running) on (http\S+)/.exec(line)?.[1];
      if (peer === null && url !== undefined) {
        peer = new Peer(url, child);
        resolve(peer);
      }
      peer?.hear(line);
    });
    child.once("error", reject).once("exit", () => reject(new Error(`${args[0]} ended before it listened`)));
  });
}

export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** A Gatepost: the URL of the peer is the address for a box. */
export type GatepostPeer = Peer & { origin: string; adminToken: string };

/**
 * Starts Gatepost over a folder, which may be empty. Watched, it reports how long its event loop is blocked, which
 * costs a timer of 1 ms.
 */
export async function startGatepost(data: string, { isWatched = false } = {}): Promise<GatepostPeer> {
  const watching = isWatched ? ["--import", pathOf("peers/stall.ts")] : [];
  const program = [...watching, pathOf("../packages/cli/src/bin.mjs")];
  const place = ["--port", "0", "--host", "127.0.0.1", "--data", data];
  const server = await start(process.execPath, [...program, "serve", ...place]);
  const { token } = withToken.parse(JSON.parse(await readFile(join(data, "server.json"), "utf8")));
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ scope: "ingest", box: "gate-1" });
  const made = await fetch(`${server.url}/v1/keys`, { method: "POST", headers, body });
  const key = withToken.parse(await made.json()).token;
  const { url: origin } = server;
  return Object.assign(server, { url: `${origin}/${key}/HistoryEvent`, origin, adminToken: token });
}

export interface Load {
  make(number: number): string;
  count: number;
  connections: number;
}

export interface Measured {
  /** ms of CPU of the receiver a report. */
  cpu: number;
  /** Reports a second. */
  rate: number;
}

/** Each report is of a new passing, even in a store with reports of earlier runs: it happens now. */
let next = Date.now() - firstTime;

/** Posts new reports over some connections. */
export async function deliver(peer: Peer, load: Load): Promise<Measured> {
  const bodies = Array.from({ length: load.count }, () => Buffer.from(load.make(next++)));
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const [cpu, began] = [peer.cpu, performance.now()];
  await Promise.all(
    Array.from({ length: load.connections }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await post(peer.url, body, agent);
    }),
  );
  const ms = performance.now() - began;
  agent.destroy();
  return { cpu: ((peer.cpu - cpu) * 1000) / load.count, rate: (load.count * 1000) / ms };
}

/**
 * Posts one report. Rejects if it is not acknowledged; over a connection that the server had closed meanwhile, because
 * nothing had come over it, it is posted again.
 */
export function post(url: string, body: Buffer | readonly Buffer[], agent: Agent): Promise<void> {
  const pieces: readonly Buffer[] = Buffer.isBuffer(body) ? [body] : body;
  return new Promise((resolve, reject) => {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const headers = { "content-type": "application/json", "content-length": length };
    const posted = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`answered ${response.statusCode}`));
      });
    });
    posted.on("error", (error: NodeJS.ErrnoException) => {
      if (posted.reusedSocket && error.code === "ECONNRESET") resolve(post(url, body, agent));
      else reject(error);
    });
    posted.cork();
    for (const piece of pieces) posted.write(piece);
    posted.uncork();
    posted.end();
  });
}
