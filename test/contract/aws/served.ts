import type { IncomingMessage, ServerResponse } from "node:http";
import { hashToken, newToken } from "@gatepost/core/keys";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { type IngestHandler, ingestHandler } from "../../../packages/aws/src/lambda/ingest.ts";
import { eventTypes, routes as ingestRoutes } from "../../../packages/core/src/paths/index.ts";
import { bodyOf, listen } from "../../standins/listen.ts";
import { httpEvent } from "../../support/http-event.ts";
import { match } from "../../system/rehearsal/route.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

/** The routes of the gateway, as stacks/ingest.ts has them. */
const readerPaths = ["/v1/{proxy+}", "/SophonDevice/{proxy+}", "/healthz", "/openapi.json", "/docs"];
const routes = [
  ...ingestRoutes.map(({ path, type }) => ({ key: `POST /{token}${path}`, lambda: type })),
  ...readerPaths.map((path) => ({ key: `ANY ${path}`, lambda: "readers" })),
];

type Wired = Pick<TestRuntime, "ingest" | "reads">;

/** The Lambdas of a machine behind an HTTP API, with an admin key. */
export async function served(deps: Wired) {
  const admin = newToken("admin");
  await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
  const server = await listen(gateway(deps));
  return { url: server.url, admin, stop: () => server.close() };
}

/** The same of a machine of its own, which ends with them. */
export async function servedOn(...[standIns, options]: Parameters<typeof runtimeOn>) {
  const deps = await runtimeOn(standIns, options);
  const running = await served(deps);
  const stop = async () => {
    await running.stop();
    await deps.close();
  };
  return { deps, running: { ...running, stop } };
}

/** An HTTP API before the Lambdas. */
export function gateway({ ingest, reads }: Wired) {
  const [answerReaders, answerAny] = [apiHandler(() => reads), ingestHandler(() => ingest)];
  const answerTypes = new Map(
    eventTypes.map((takes): [string, IngestHandler] => [takes.type, ingestHandler(() => ingest, undefined, takes)]),
  );
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const event = eventOf(request, await bodyOf(request));
    const route = match(routes, event.requestContext.http.method, event.rawPath)?.route;
    const { lambda = "" } = route ?? {};
    const answer = lambda === "readers" ? answerReaders : (answerTypes.get(lambda) ?? answerAny);
    const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded } = await answer(event);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
    if (cookies.length > 0) response.setHeader("set-cookie", cookies);
    response.writeHead(statusCode ?? 200).end(Buffer.from(body, isBase64Encoded ? "base64" : "utf8"));
  };
}

/** The event that API Gateway makes of a request. Clients reach it by https alone. */
function eventOf(request: IncomingMessage, body: Buffer) {
  const { method = "GET", headersDistinct, socket } = request;
  const { cookie, ...others } = headersDistinct;
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
  const headers = Object.entries(others).map(([name, values]) => [name, (values ?? []).join(",")] as const);
  const sent = headers.map(([name, value]) => [name, name === "origin" ? value.replace(/^http:/, "https:") : value]);
  const address = socket.remoteAddress ?? "";
  const event = httpEvent({ method, path: decodePath(path), query, address, body });
  const cookies = cookie === undefined ? {} : { cookies: cookie.join("; ").split("; ") };
  return { ...event, ...cookies, headers: Object.fromEntries(sent) };
}

/** A path that is no valid percent-encoding is returned unchanged. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
