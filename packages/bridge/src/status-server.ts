import { type Listening, listen, requestTarget } from "@gatepost/http";
import { asMetrics, type BridgeStatus } from "./status.ts";

/** Serves the status of the bridge to programs on the same machine. */
export function serveStatus(
  at: { host: string; port: number },
  { status, now }: { status(): BridgeStatus; now(): number },
): Promise<Listening> {
  return listen((request, response) => {
    const target = requestTarget(request);
    if (target === "/metrics") {
      response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
      response.end(asMetrics(status(), now()));
    } else if (target === "/status") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(status()));
    } else {
      response.writeHead(404);
      response.end();
    }
  }, at);
}
