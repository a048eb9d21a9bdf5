import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { GatepostError, type Log, refusal } from "@gatepost/ingest";
import { type Listening, listening } from "../listening.ts";
import type { Report } from "../spool/report.ts";
import type { Admit } from "./admit.ts";
import { Bodies, type BodyLimits, Incomplete } from "./body.ts";

/** Gatepost's own acknowledgement, to the byte. DOMAIN.md §3. */
const acknowledgement = '{"message":"SUCCESS","status":0}';
const hint = "This key works. Deliver reports to this URL with POST.\n";

/** ms that a refused box gets to stop sending and read why. */
const lingering = 1000;
const requestTimeout = 120_000;

export interface RelayOptions extends BodyLimits {
  host: string;
  port: number;
  admit: Admit;
  /** Resolves once the report is durable. */
  take(report: Report): Promise<void>;
  log: Log;
}

/** Takes what boxes post, on the same paths and with the same answers as Gatepost itself, once the spool has it. */
export function serveRelay({ host, port, ...options }: RelayOptions): Promise<Listening> {
  const bodies = new Bodies(options);
  const server = createServer(
    { requestTimeout, headersTimeout: requestTimeout },
    (request, response) => void answer(request, response, { ...options, bodies }),
  );
  return listening(server, { host, port });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  on: Pick<RelayOptions, "admit" | "take" | "log"> & { bodies: Bodies },
): Promise<void> {
  try {
    const { box, path } = await on.admit(request);
    if (request.method === "GET" || request.method === "HEAD") return send(response, 200, hint, "text/plain");
    if (request.method !== "POST") throw new GatepostError("wrong-method", "deliver reports with POST");
    await on.bodies.with(request, async (body) => {
      await on.take({ box, path: `/${path.map(encodeURIComponent).join("/")}`, ...contentOf(request), body });
      send(response, 200, acknowledgement);
    });
  } catch (error) {
    if (error instanceof Incomplete) response.destroy();
    else refuse(request, response, refusal(error, on));
  }
}

function contentOf({ headers }: IncomingMessage): Pick<Report, "contentType" | "contentEncoding"> {
  return {
    contentType: headers["content-type"] ?? "application/json",
    contentEncoding: headers["content-encoding"] ?? null,
  };
}

function send(response: ServerResponse, status: number, body: string, type = "application/json"): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** A body that is refused may still be coming. */
function refuse(request: IncomingMessage, response: ServerResponse, answered: ReturnType<typeof refusal>): void {
  for (const [name, value] of Object.entries(answered.headers ?? {})) response.setHeader(name, String(value));
  if (!request.complete) {
    response.setHeader("connection", "close");
    request.resume();
    const cut = setTimeout(() => request.socket.destroy(), lingering);
    request.once("close", () => clearTimeout(cut));
  }
  send(response, answered.statusCode ?? 503, answered.body ?? "");
}
