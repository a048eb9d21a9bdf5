import {
  type ConnectionLimits,
  Connections,
  type Listening,
  listen,
  type PaceLimits,
  TrustedProxies,
} from "@gatepost/http";
import { LiveEndpoint } from "../live/endpoint.ts";
import type { Runtime } from "../runtime.ts";
import { ConsolePage } from "./console-page.ts";
import { Router } from "./router.ts";

export interface ServeOptions {
  host: string;
  port: number;
  /** More ports to listen on, for clients of an SE5 that know only 5679 and 5555. */
  alsoOn?: readonly number[];
  /** ms in which a request must arrive completely, and its head; a client that sends more slowly is disconnected. */
  requestTimeout?: number;
  headersTimeout?: number;
  /** How slowly a body may come. */
  pace?: Partial<PaceLimits>;
  connections?: Partial<ConnectionLimits>;
  /** Under which address others reach it. */
  publicUrl?: string;
  /** Addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  trustProxy?: readonly string[];
}

export interface Served {
  host: string;
  port: number;
  /** All ports, the main one first. */
  ports: readonly number[];
  /** Whether the console is served: it is built where it was installed with its development dependencies. */
  hasPage: boolean;
  close(): Promise<void>;
}

/** ms that requests in progress have to finish when the server closes. */
const closeTimeout = 10_000;

/**
 * Serves a runtime over HTTP: ingest for boxes, by their key; the API and the live feed under the reserved paths.
 *
 * @example
 * const served = await serve(runtime, { host: "127.0.0.1", port: 9528 });
 * await served.close();
 */
export async function serve(runtime: Runtime, options: ServeOptions): Promise<Served> {
  const proxies = new TrustedProxies(options.trustProxy);
  const connections = new Connections(options.connections, (address) => proxies.has(address));
  const page = new ConsolePage();
  const router = new Router(runtime, {
    pace: options.pace ?? {},
    connections,
    proxies,
    page,
    publicUrl: options.publicUrl,
  });
  const live = new LiveEndpoint(runtime, { connections, proxies });
  const opened: Listening[] = [];
  const close = async () => {
    await Promise.all([live.close(), ...opened.map((one) => one.close())]);
  };
  try {
    for (const port of [options.port, ...(options.alsoOn ?? [])]) {
      opened.push(
        await listen((request, response) => void router.answer(request, response), {
          ...options,
          port,
          closeTimeout,
          connections,
          onTls: (address) => runtime.ingest.refusals.note("tls", { address, segments: [] }),
          upgrade: (request, socket, head) => void live.upgrade(request, socket, head),
        }),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  const ports = opened.map(({ port }) => port);
  return { host: options.host, port: ports[0] ?? options.port, ports, hasPage: page.isBuilt, close };
}
