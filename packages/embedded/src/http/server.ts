import { isPublic } from "@gatepost/alerts/targets";
import {
  type AnswerLimits,
  Certificate,
  type CertificatePaths,
  type ConnectionLimits,
  Connections,
  closedConnectionsLog,
  type Listening,
  listen,
  type PaceLimits,
  PublicAddress,
  TrustedProxies,
} from "@gatepost/http";
import { LiveEndpoint } from "../live/endpoint.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { ConsolePage } from "./console-page.ts";
import { Router } from "./router.ts";

export interface ServeOptions {
  host: string;
  port: number;
  /** More ports to listen on, for clients of an SE5 that can use only 5679 and 5555. */
  alsoOn?: readonly number[];
  /** ms in which a request, and its head, must arrive completely. Slower clients are disconnected. */
  requestTimeout?: number;
  headersTimeout?: number;
  /** ms that a connection may wait for its next request. */
  keepAliveTimeout?: number;
  /** How slowly a body may arrive. */
  pace?: Partial<PaceLimits>;
  /** How many bytes of answers may be on their way, and how long a client may leave them unread. */
  answers?: Partial<AnswerLimits>;
  connections?: Partial<ConnectionLimits>;
  /** The address under which others reach the server. */
  publicUrl?: string;
  /** The origins of pages that may frame the screen, which is then at /screen. */
  frameAncestors?: readonly string[];
  /** Serves TLS on all these ports. The files are read again when they change. */
  certificate?: CertificatePaths;
  /** Addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted. */
  trustProxy?: readonly string[];
}

export interface Served {
  host: string;
  port: number;
  /** All ports, the main one first. */
  ports: readonly number[];
  /**
   * A port of 127.0.0.1 without TLS, for commands on this machine, which do not know the name in the certificate; null
   * without a certificate.
   */
  localPort: number | null;
  /** Whether the console is served. It is built only if Gatepost was installed with its development dependencies. */
  hasPage: boolean;
  close(): Promise<void>;
}

const untrustedProxy =
  "an address in X-Forwarded-For is not believed: if this is your proxy, start with --trust-proxy and its address";

/** ms that requests in progress have to finish when the server closes. */
const closeTimeoutMs = 10_000;

/**
 * Serves a runtime over HTTP, or over HTTPS if it has a certificate: ingest for boxes, by their key; the API and the
 * WebSocket of an SE5 under the reserved paths. Throws CertificateError if the files of the certificate cannot be used.
 *
 * @example
 * const served = await serve(runtime, { host: "127.0.0.1", port: 9528 });
 * await served.close();
 */
export async function serve(runtime: Runtime, options: ServeOptions): Promise<Served> {
  const proxies = new TrustedProxies(options.trustProxy, (proxy) => {
    // One's own proxy mostly has a private address. From a public one, a client has made up the header.
    if (!isPublic(proxy)) runtime.ingest.log.warn(untrustedProxy, { proxy });
  });
  const connections = new Connections(options.connections, {
    isShared: (address) => proxies.has(address),
    onTooMany: closedConnectionsLog(runtime.ingest),
  });
  const page = new ConsolePage(undefined, options.frameAncestors);
  const address = new PublicAddress(options.publicUrl);
  const router = new Router(runtime, {
    pace: options.pace ?? {},
    answers: options.answers ?? {},
    connections,
    proxies,
    page,
    address,
  });
  const live = new LiveEndpoint(runtime, { connections, proxies, address });
  const certificate =
    options.certificate &&
    new Certificate(options.certificate, { log: runtime.ingest.log, clock: runtime.ingest.clock });
  if (certificate !== undefined) {
    runtime.reads.health.addConcerns(() => certificate.concerns());
    runtime.metrics.watchCertificate(() => certificate.identity.endsAt);
  }
  const opened: Listening[] = [];
  const close = async () => {
    certificate?.close();
    runtime.feedWaits.end();
    await Promise.all([live.close(), ...opened.map((one) => one.close())]);
  };
  const open = async (at: { host: string; port: number; certificate?: Certificate | undefined }) => {
    const { requestTimeout, headersTimeout, keepAliveTimeout } = options;
    const listener = await listen((request, response) => void router.answer(request, response), {
      requestTimeout,
      headersTimeout,
      keepAliveTimeout,
      ...at,
      closeTimeout: closeTimeoutMs,
      connections,
      onRefused: (reason, address) => runtime.ingest.refusals.noteConnection(reason, { address, segments: [] }),
      upgrade: (request, socket, head) => void live.upgrade(request, socket, head),
    });
    opened.push(listener);
    return listener.port;
  };
  try {
    const { host } = options;
    const ports: number[] = [];
    for (const port of [options.port, ...(options.alsoOn ?? [])]) ports.push(await open({ host, port, certificate }));
    const localPort = certificate === undefined ? null : await open({ host: "127.0.0.1", port: 0 });
    return { host, port: ports[0] ?? options.port, ports, localPort, hasPage: page.isBuilt, close };
  } catch (error) {
    await close();
    throw error;
  }
}
