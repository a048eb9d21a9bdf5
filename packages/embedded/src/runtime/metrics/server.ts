import { once } from "node:events";
import { createServer } from "node:http";
import { isIP } from "node:net";

const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** Most requests at the same time. A monitoring system sends one. */
const maxConnections = 16;
const timeoutMs = 10_000;

export interface MetricsAddress {
  host: string;
  port: number;
}

/** Serves only the metrics, without a key. */
export async function serveMetrics(
  { host, port }: MetricsAddress,
  text: () => Promise<string>,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer({ requestTimeout: timeoutMs, headersTimeout: timeoutMs }, (request, response) => {
    const isAsked = request.method === "GET" && request.url === "/metrics";
    if (!isAsked) {
      response.writeHead(404).end();
      return;
    }
    text().then(
      (body) => response.writeHead(200, { "content-type": openMetricsType }).end(body),
      () => response.writeHead(503).end(),
    );
  });
  server.maxConnections = maxConnections;
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Whether an address is reached only from this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
