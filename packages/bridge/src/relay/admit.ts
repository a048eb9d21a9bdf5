import type { IncomingMessage } from "node:http";
import { type Admission, Attempts, authenticate, boxRequest, hashToken, type Key } from "@gatepost/ingest";

/** Finds the box that a request is from, by the keys of the bridge's own boxes. Throws as Gatepost's own ingest does. */
export type Admit = (request: IncomingMessage) => Promise<Admission>;

export function admission(boxes: readonly { name: string; token: string }[], clock: () => number): Admit {
  const keys = new Map<string, Key>(
    boxes.map(({ name, token }) => [hashToken(token), { id: name, scope: "ingest", box: name }]),
  );
  const on = {
    keys: { find: (tokenHash: string) => Promise.resolve(keys.get(tokenHash) ?? null) },
    attempts: new Attempts(clock),
    settings: { retentionDays: 0, keepFeatures: false, openBox: null, announceEvents: false },
  };
  return (request) => authenticate(boxRequest(gatewayEvent(request, clock())), on);
}

/** What the key is looked for in: API Gateway's form of a request, without its body. */
function gatewayEvent(request: IncomingMessage, now: number): Parameters<typeof boxRequest>[0] {
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
  const rawPath = decoded(path);
  const method = request.method ?? "GET";
  const authorization = request.headers.authorization;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: query,
    headers: authorization === undefined ? {} : { authorization },
    requestContext: {
      accountId: "000000000000",
      apiId: "bridge",
      domainName: "bridge",
      domainPrefix: "",
      http: {
        method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: request.socket.remoteAddress ?? "",
        userAgent: "",
      },
      requestId: "",
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: now,
    },
    isBase64Encoded: false,
  };
}

/** A path that is no valid percent-encoding stays as it came. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
