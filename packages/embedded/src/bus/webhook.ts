import { type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { isPublic, literalAddress, PrivateTarget, publicLookup } from "./addresses.ts";

export interface Webhook {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** Whether its address may be a private one. */
  allowPrivate: boolean;
}

export interface Timeouts {
  /** ms for one try, from the name's resolution to the end of the answer. */
  timeoutMs: number;
  /** Ends the try at once. */
  signal: AbortSignal;
}

/** Bytes of an answer's body that are read. */
const readAtMost = 64 * 1024;

/** Posts once, over a new connection. Returns the status; throws where none came in time. */
export async function post(webhook: Webhook, { timeoutMs, signal }: Timeouts): Promise<number> {
  const { url, headers, body, allowPrivate } = webhook;
  const literal = literalAddress(url);
  if (!allowPrivate && literal !== null && !isPublic(literal)) throw new PrivateTarget(literal);
  const options = {
    method: "POST",
    agent: false,
    headers: { ...headers, "content-length": `${Buffer.byteLength(body)}` },
    signal,
    ...(allowPrivate ? {} : { lookup: publicLookup }),
  };
  const request = url.protocol === "https:" ? overHttps(url, options) : overHttp(url, options);
  const late = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on("response", resolve).on("error", reject);
      // It may also close without an error, for example where it switches protocols.
      request.on("close", () => reject(new Error("closed without an answer")));
      request.end(body);
    });
    await drain(response);
    return response.statusCode ?? 0;
  } finally {
    clearTimeout(late);
  }
}

/**
 * Lets the subscriber finish its answer, within the limits. The content does not matter: the status is known by then.
 */
function drain(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  return new Promise((resolve) => {
    response.on("error", () => resolve());
    response.on("close", () => resolve());
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > readAtMost) response.destroy();
    });
  });
}
