import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buildApp } from "fauxqs";
import { bodyOf, type Listening, listen } from "./listen.ts";
import { listInOrder } from "./listing-in-order.ts";
import { UploadChecksums } from "./upload-checksums.ts";

await listInOrder();

/** Sub-resources that the stand-in really knows; it answers others as if they were plain requests. */
const knownQueries =
  /^(x-id|x-amz-.*|list-type|prefix|delimiter|max-keys|continuation-token|response-.*|delete|uploads|uploadid|partnumber)$/i;

type App = ReturnType<typeof buildApp>;

/**
 * fauxqs, made as strict as S3: a test must not pass because of its faults.
 *
 * @param clock ms since 1970, by which links end
 */
export async function startS3(clock = Date.now): Promise<Listening> {
  const app = buildApp({ logger: false });
  const checksums = new UploadChecksums();
  const server = await listen((incoming, outgoing) => {
    void answer({ app, checksums, clock }, incoming, outgoing).catch(() => outgoing.destroy());
  });
  return {
    url: server.url,
    async close() {
      await server.close();
      await app.close();
    },
  };
}

async function answer(
  { app, checksums, clock }: { app: App; checksums: UploadChecksums; clock(): number },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await bodyOf(incoming);
  const refusal =
    refusalOf(incoming, body, clock()) ?? ofParts(checksums, incoming, body) ?? (await conditionRefused(app, incoming));
  if (refusal === null) return passOn(app, incoming, outgoing, body);
  const [status, code] = refusal;
  outgoing.writeHead(status, { "content-type": "application/xml" });
  outgoing.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

/** Asks fauxqs within this process: another server behind this one would have everything go over HTTP twice. */
async function passOn(
  app: App,
  { method, url = "/", headers }: IncomingMessage,
  outgoing: ServerResponse,
  payload: Buffer,
): Promise<void> {
  const answered = await app.inject({ method: method as "GET", url, headers, payload });
  outgoing.writeHead(answered.statusCode, answered.headers).end(answered.rawPayload);
}

type Refusal = readonly [status: number, code: string] | null;

function refusalOf({ url = "/", headers }: IncomingMessage, body: Buffer, now: number): Refusal {
  const { searchParams: query } = new URL(url, "http://s3");
  const unknown = [...query.keys()].find((name) => !knownQueries.test(name));
  if (unknown !== undefined) return [501, "NotImplemented"];
  if (headers.authorization === undefined && !query.has("X-Amz-Signature")) return [403, "AccessDenied"];
  if (query.has("X-Amz-Expires") && now > expiryOf(query)) return [403, "AccessDenied"];
  const sent = headers["x-amz-checksum-sha256"];
  const isOther = sent !== undefined && sent !== createHash("sha256").update(body).digest("base64");
  return isOther ? [400, "BadDigest"] : null;
}

function ofParts(checksums: UploadChecksums, incoming: IncomingMessage, body: Buffer): Refusal {
  const code = checksums.refusalOf(incoming, body);
  return code === null ? null : [400, code];
}

/** When a presigned URL ends: its date is written 20261120T120000Z. */
function expiryOf(query: URLSearchParams): number {
  const signed = (query.get("X-Amz-Date") ?? "").replace(/^(....)(..)(..T..)(..)/, "$1-$2-$3:$4:");
  return Date.parse(signed) + Number(query.get("X-Amz-Expires")) * 1000;
}

async function conditionRefused(app: App, { method, url = "/", headers }: IncomingMessage): Promise<Refusal> {
  if (method !== "PUT" || headers["if-none-match"] !== "*") return null;
  const { statusCode } = await app.inject({ method: "HEAD", url });
  return statusCode === 200 ? [412, "PreconditionFailed"] : null;
}
