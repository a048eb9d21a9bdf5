import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import { receiver } from "@gatepost/receive";
import * as z from "zod";
import { boxRequest } from "../../test/support/http.ts";
import { launch } from "./server.ts";

const hour = 3_600_000;

interface Asked {
  method?: string;
  path: string;
  /** For the API; absent: as the administrator. */
  token?: string;
  body?: string;
}

interface Told {
  status: number;
  body: Buffer;
}

/** A Gatepost over a data folder, in this process or in another one. */
export interface Gate {
  ask(asked: Asked): Promise<Told>;
  /** Its logged errors, and its messages about lost pictures. */
  complaints(): string[];
  /** Removes expired data, if that does not happen by itself. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** A Gatepost in this process, whose clock can be moved. */
export interface OpenGate extends Gate {
  runtime: Runtime;
  clock(): number;
  /** Advances its clock by so many ms. */
  pass(ms: number): void;
}

/** How a data folder is opened. */
interface Opening {
  data: string;
  aheadMs: number;
  /** Whether rules hear of recorded events: a server that announces none drops those that wait. */
  announceEvents: boolean;
}

/** Opens a data folder in this process. */
export async function openHere({ data, aheadMs, announceEvents }: Opening): Promise<OpenGate> {
  let movedMs = aheadMs;
  const clock = () => Date.now() + movedMs;
  const complaints: string[] = [];
  const log = {
    info: () => {},
    warn: (message: string) => {
      if (message.includes("lost")) complaints.push(message);
    },
    error: (message: string, facts?: unknown) => {
      // An entry that the subscriber refuses often enough may be lost to it.
      if (!message.startsWith("entry given up")) complaints.push(`${message} ${JSON.stringify(facts)}`);
    },
  };
  const runtime = await openRuntime({ data, clock, log, bus: { allowPrivateTargets: true, announceEvents } });
  const receive = receiver(runtime.ingest);
  return {
    runtime,
    clock,
    pass(ms) {
      movedMs += ms;
    },
    async ask({ method = "GET", path, token = runtime.adminToken, body }) {
      if (!path.startsWith("/v1/")) {
        const answer = await receive(boxRequest({ method, path, body: body ?? "" }));
        return { status: answer.status, body: Buffer.from(answer.body) };
      }
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const sent = body === undefined ? {} : { body };
      const answer = await runtime.api.fetch(new Request(`http://gatepost${path}`, { method, headers, ...sent }));
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
    },
    complaints: () => complaints,
    // Sweeps as a running server: the first sweep does the daily search of unused parts of the database.
    async sweep() {
      await runtime.retention.sweep(clock() - 23 * hour);
      await runtime.retention.sweep(clock());
    },
    close: () => runtime.close(),
  };
}

const serverFile = z.object({ token: z.string() });
const logLine = z.object({ level: z.string(), message: z.string() });

/** Starts the real server on a data folder. */
export async function openServer({ data, aheadMs, announceEvents }: Opening): Promise<Gate> {
  const args = ["serve", "--port", "0", "--host", "127.0.0.1", "--data", data, "--allow-private-targets"];
  if (announceEvents) args.push("--announce-events");
  const running = await launch({ args, ready: /^listening on (\S+)$/, aheadMs });
  const admin = serverFile.parse(JSON.parse(await readFile(join(data, "server.json"), "utf8"))).token;
  return {
    async ask({ method = "GET", path, token = admin, body }) {
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
      const isBox = !path.startsWith("/v1/");
      const sent = body === undefined ? {} : { body };
      const answer = await fetch(`${running.found}${path}`, {
        method,
        headers: isBox ? { "content-type": "application/json" } : headers,
        ...sent,
      });
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
    },
    complaints: () => complaintsIn(running.log()),
    sweep: () => Promise.resolve(),
    close: () => running.end("SIGTERM"),
  };
}

function complaintsIn(log: string): string[] {
  return log.split("\n").filter((text) => {
    const line = text.startsWith("{") ? logLine.parse(JSON.parse(text)) : null;
    return line !== null && (line.level === "error" || (line.level === "warn" && line.message.includes("lost")));
  });
}
