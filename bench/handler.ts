import { createHash } from "node:crypto";
import { AuthRateLimiter, type Ports, receiver } from "@gatepost/ingest";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { bigReport } from "./body.ts";
import { medianRatio } from "./ratio.ts";

/** The CPU of the handler ÷ that of its floor: what no receiver of the same body can leave out. */
export async function handlerOverFloor(): Promise<string> {
  const body = bigReport(1);
  const receive = receiver(nowhere);
  const event = eventOf(body);
  const ratio = await medianRatio(
    () => receive(event),
    async () => floor(body),
  );
  return `handler CPU ÷ floor (JSON.parse + base64 + SHA-256 of the same ${Math.round(body.length / 1000)} KB): ${ratio}`;
}

function floor(body: string): void {
  const { reg_pic, ext_data } = JSON.parse(body);
  for (const text of [reg_pic, ext_data.spot_pic, ext_data.recognize_face]) {
    createHash("sha256").update(Buffer.from(text, "base64")).digest("hex");
  }
}

/** Ports that take everything and keep nothing: the handler alone is measured. */
export const nowhere: Ports = {
  keys: { find: async () => ({ id: "key_1", scope: "ingest", box: "gate-1" }) },
  authRateLimiter: new AuthRateLimiter(Date.now),
  pictures: {
    put: async () => undefined,
    address: (month, _, sha256) => ({ bucket: null, key: `${month}/${sha256}` }),
  },
  index: { upsert: async () => ({ outcome: "created", enqueued: false, event: null }) },
  actions: { markAnnounced: async () => undefined, lease: async () => [], settle: async () => "unknown" },
  bus: { put: async () => undefined },
  quarantine: { put: async () => undefined },
  boxStatus: { put: async () => undefined },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  clock: Date.now,
  settings: { retentionDays: 90, keepFeatures: false, openBox: null, announceEvents: false },
};

/** A delivery of a body, as base64. */
export function eventOf(body: string | Buffer, headers: Record<string, string> = {}): APIGatewayProxyEventV2 {
  const http = { method: "POST", path: "/", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "" };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/gpi_bench/HistoryEvent",
    rawQueryString: "",
    headers: { "content-type": "application/json", ...headers },
    requestContext: {
      accountId: "",
      apiId: "",
      domainName: "",
      domainPrefix: "",
      http,
      requestId: "",
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
    body: Buffer.from(body).toString("base64"),
    isBase64Encoded: true,
  };
}
