import { readFile } from "node:fs/promises";
import { type IncomingMessage, type RequestListener, request, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { compileFunction } from "node:vm";
import * as z from "zod";
import type { Graph } from "../../../scripts/synth/graph.ts";
import { doneBySst, recorded } from "./recorded.ts";

/** The origins' addresses in the rehearsal. */
interface Origins {
  /** The gateway's address. */
  gateway: string;
  /** The address of the bucket of pictures. */
  s3: string;
}

type UploadedFile = ReturnType<typeof doneBySst>["uploads"][number]["files"][number];
type Headers = Record<string, string>;

/**
 * A distribution of CloudFront with a Router of SST, as its documents tell: the recorded function decides from which
 * origin a request is answered, the gateway or the files that were uploaded, and the recorded policy adds headers.
 */
export function cloudfront(graph: Graph, { gateway, s3 }: Origins): RequestListener {
  const { store, uploads } = doneBySst(graph);
  const route = routerOf(graph, store);
  const policy = headersOf(graph, s3);
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { uri, origin, added } = await route(incoming);
    const upload = uploads.find(({ bucketName }) => origin.startsWith(`${bucketName}.s3.`));
    if (upload === undefined) return forward(incoming, response, { to: new URL(uri, gateway), policy, added });
    const file = upload.files.find(({ key }) => `/${key}` === uri.split("?")[0]);
    return sendFile(response, { file, policy });
  };
  return (incoming, response) => {
    answer(incoming, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  };
}

interface Routed {
  uri: string;
  origin: string;
  added: Headers;
}

/** What a function sees of a request's headers, and may write there. */
const viewedHeaders = z.record(z.string(), z.object({ value: z.string() }));

/** What the function of a distribution makes of a request: the path and the headers that its origin gets, and the origin. */
function routerOf(graph: Graph, store: ReadonlyMap<string, string>) {
  const [{ code } = { code: "" }] = recorded(graph, "cloudfront/function:Function");
  const source = code.replace('import cf from "cloudfront";', "");
  return async ({ method, url = "/", headers, socket }: IncomingMessage): Promise<Routed> => {
    let origin: string | null = null;
    const cf = {
      kvs: () => ({ get: (key: string) => readValue(store, key) }),
      updateRequestOrigin({ domainName }: { domainName: string }) {
        origin = domainName;
      },
    };
    const [uri = "/", search = ""] = url.split("?");
    const querystring = Object.fromEntries([...new URLSearchParams(search)].map(([name, value]) => [name, { value }]));
    const viewed = { method, uri, querystring, headers: { host: { value: headers.host } }, cookies: {} };
    const viewer = { ip: socket.remoteAddress };
    const handler: unknown = compileFunction(`${source}\nreturn handler;`, ["cf"])(cf);
    if (typeof handler !== "function") throw new Error("the function of the distribution has no handler");
    const request = z.object({ uri: z.string(), headers: viewedHeaders });
    const routed = request.parse(await handler({ request: viewed, viewer }));
    if (origin === null) throw new Error(`no origin answers ${uri}`);
    const added = Object.fromEntries(Object.entries(routed.headers).map(([name, { value }]) => [name, value]));
    return { uri: search === "" ? routed.uri : `${routed.uri}?${search}`, origin, added };
  };
}

/** A store of CloudFront rejects if there is no such key. */
async function readValue(store: ReadonlyMap<string, string>, key: string): Promise<string> {
  const value = store.get(key);
  if (value === undefined) throw new Error(`KeyNotFound ${key}`);
  return value;
}

/** The headers of the recorded policy, with the address of the bucket in the rehearsal. */
function headersOf(graph: Graph, s3: string): Headers {
  const [policy] = recorded(graph, "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy");
  if (policy === undefined) throw new Error("the distribution has no policy of headers");
  const { contentSecurityPolicy, referrerPolicy } = policy.securityHeadersConfig;
  return {
    "content-security-policy": contentSecurityPolicy.contentSecurityPolicy.replace(/https:\/\/[^ ;]+/, s3),
    "referrer-policy": referrerPolicy.referrerPolicy,
    "x-content-type-options": "nosniff",
    ...Object.fromEntries(policy.customHeadersConfig.items.map(({ header, value }) => [header, value])),
  };
}

async function sendFile(
  response: ServerResponse,
  { file, policy }: { file: UploadedFile | undefined; policy: Headers },
): Promise<void> {
  // A bucket that may not be listed answers 403 for an absent object.
  if (file === undefined) return void response.writeHead(403, policy).end();
  const { contentType, cacheControl, source } = file;
  response.writeHead(200, { ...policy, "content-type": contentType, "cache-control": cacheControl });
  response.end(await readFile(source));
}

/** Hands a request on, and its answer back; what the origin says itself stays. */
async function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  { to, policy, added }: { to: URL; policy: Headers; added: Headers },
): Promise<void> {
  // The real one speaks https alone.
  const origin = incoming.headers.origin?.replace(/^http:/, "https:");
  const headers = { ...incoming.headers, ...(origin !== undefined && { origin }), ...added, host: to.host };
  const asked = request(to, { method: incoming.method ?? "GET", headers });
  const answered = Promise.withResolvers<IncomingMessage>();
  asked.once("response", answered.resolve).once("error", answered.reject);
  await pipeline(incoming, asked);
  const answer = await answered.promise;
  response.writeHead(answer.statusCode ?? 502, { ...policy, ...answer.headers });
  await pipeline(answer, response);
}
