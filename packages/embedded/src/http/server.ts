import { type Listening, listen } from "@gatepost/http";
import { LiveEndpoint } from "../live/endpoint.ts";
import type { Runtime } from "../runtime.ts";
import { Router } from "./router.ts";

export interface ServeOptions {
  host: string;
  port: number;
  /** Ports to listen on besides: for clients of an SE5 that know no other than 5679 and 5555. */
  alsoOn?: readonly number[];
  /** Bytes of one body at most. */
  maxBody?: number;
  /** Bytes of all bodies that are being received or stored at the same time. */
  maxInFlight?: number;
  /** ms for a request to arrive whole; a client that drips is cut off after it. */
  requestTimeout?: number;
}

export interface Served {
  host: string;
  port: number;
  /** All ports, this one first. */
  ports: readonly number[];
  close(): Promise<void>;
}

const defaults = {
  maxBody: 64 * 1024 * 1024,
  maxInFlight: 512 * 1024 * 1024,
};

/** ms that requests in flight get to finish when the server closes. */
const closeTimeout = 10_000;

/** Serves a machine over HTTP: boxes deliver under their key, readers ask under the reserved paths or listen to the live feed. */
export async function serve(runtime: Runtime, options: ServeOptions): Promise<Served> {
  const settings = { ...defaults, ...options };
  const router = new Router(runtime, settings);
  const live = new LiveEndpoint(runtime);
  const opened: Listening[] = [];
  const close = async () => {
    await Promise.all([live.close(), ...opened.map((one) => one.close())]);
  };
  try {
    for (const port of [settings.port, ...(settings.alsoOn ?? [])]) {
      opened.push(
        await listen((request, response) => void router.answer(request, response), {
          ...settings,
          port,
          closeTimeout,
          upgrade: (request, socket, head) => void live.upgrade(request, socket, head),
        }),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  const ports = opened.map(({ port }) => port);
  return { host: settings.host, port: ports[0] ?? settings.port, ports, close };
}
