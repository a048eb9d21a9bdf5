import { createHash } from "node:crypto";
import { ingestHandler } from "@gatepost/aws";
import { RefusalTrace } from "@gatepost/core/arrivals";
import { Erasures } from "@gatepost/core/erasure";
import { AuthRateLimiter } from "@gatepost/core/keys";
import { Room } from "@gatepost/core/room";
import { Body, type BoxRequest, type Ports, receiver, requestHead } from "@gatepost/receive";
import { terminals } from "@gatepost/receive/terminals";
import { httpEvent } from "../test/support/http-event.ts";
import { bigReport } from "./body.ts";
import { quiet } from "./log.ts";
import { median, medianRatio, ratiosOf } from "./ratio.ts";

/** The CPU of the handler ÷ the CPU of its floor: the work that no receiver of the same body can leave out. */
export async function handlerOverFloor(): Promise<string> {
  const body = bigReport(1);
  const receive = receiver(nowhere);
  const request = requestOf(body);
  const ratio = await medianRatio(
    () => receive(request),
    async () => floor(body),
  );
  return `handler CPU ÷ floor (JSON.parse + base64 + SHA-256 of the same ${Math.round(body.length / 1000)} KB): ${ratio}`;
}

/** The same, as the median of a few rounds. */
export async function medianHandlerOverFloor(): Promise<number> {
  const body = bigReport(1);
  const receive = receiver(nowhere);
  const request = requestOf(body);
  const ratios = await ratiosOf(
    () => receive(request),
    async () => floor(body),
    { rounds: 7, runsARound: 20 },
  );
  return median(ratios);
}

/** The CPU of a function on Lambda, without its stores, ÷ the same floor: for a body as text, and as base64. */
export async function lambdaOverFloor(): Promise<string> {
  const body = bigReport(1);
  const handler = ingestHandler(() => nowhere, quiet);
  const event = httpEvent({ path: `/gpi_${"bench".repeat(6)}/HistoryEvent`, body });
  const asText = { ...event, body, isBase64Encoded: false };
  const lines: string[] = [];
  for (const [name, sent] of [
    ["as text", asText],
    ["as base64", event],
  ] as const) {
    const ratio = await medianRatio(
      () => handler(sent),
      async () => floor(body),
    );
    lines.push(`Lambda handler CPU ÷ the same floor, body ${name}: ${ratio}`);
  }
  return lines.join("\n");
}

function floor(body: string): void {
  const { reg_pic, ext_data } = JSON.parse(body);
  for (const text of [reg_pic, ext_data.spot_pic, ext_data.recognize_face]) {
    createHash("sha256").update(Buffer.from(text, "base64")).digest("hex");
  }
}

/** Ports that take everything and keep nothing: the handler alone is measured. */
export const nowhere: Ports = {
  keys: {
    find: async () => ({ id: "key_1", scope: "ingest", box: "gate-1" }),
    ofSerial: async () => null,
    noteUse: async () => undefined,
  },
  authRateLimiter: new AuthRateLimiter(Date.now),
  refusals: new RefusalTrace(quiet, Date.now),
  receipts: { firstOf: async (_, at) => at },
  pictures: {
    putAll: async ({ report }) => report,
    address: ({ month, sha256 }) => ({ bucket: null, key: `${month}/${sha256}` }),
  },
  index: { upsert: async () => ({ outcome: "created", enqueued: false, event: null }) },
  listeners: [],
  zones: { of: async () => null },
  terminals: terminals({
    keys: { ofSerial: async () => null },
    authRateLimiter: new AuthRateLimiter(Date.now),
    unknownTerminals: { note: async () => undefined },
    enrolled: { put: async () => undefined, of: async () => null },
    zones: { of: async () => null },
  }),
  knownMappings: { of: async () => [] },
  actions: {
    markAnnounced: async () => undefined,
    withhold: async () => undefined,
    lease: async () => [],
    settle: async () => "unknown",
  },
  eventOutbox: { markAnnounced: async () => undefined, lease: async () => [] },
  bus: { put: async () => true },
  quarantine: { put: async () => undefined },
  boxStatus: { put: async () => undefined },
  suppression: {
    of: async () => ({ erasures: new Erasures([], new Uint8Array()), [Symbol.dispose]: () => undefined }),
  },
  room: new Room(Number.POSITIVE_INFINITY),
  log: quiet,
  clock: Date.now,
  settings: { retentionDays: 90, sceneDays: null, keepFeatures: false, openBox: null, announceEvents: false },
};

/** A delivery of a body, as bytes. */
export function requestOf(body: string | Buffer, sent: Record<string, string> = {}): BoxRequest {
  const headers: Record<string, string> = { "content-type": "application/json", ...sent };
  const head = { method: "POST", path: `/gpi_${"bench".repeat(6)}/HistoryEvent`, query: "", address: "127.0.0.1" };
  return { ...requestHead({ ...head, header: (name) => headers[name] }), body: new Body(Buffer.from(body)) };
}

if (import.meta.main) process.stdout.write(`${await handlerOverFloor()}\n${await lambdaOverFloor()}\n`);
