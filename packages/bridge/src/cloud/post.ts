import { Agent, type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as SecureAgent } from "node:https";
import { retryAfterMs } from "@gatepost/protocol";

export interface Answered {
  status: number;
  text: string;
  /** Whether it names the outcome of a report, as Gatepost's answers do, also in the form that a terminal needs. */
  hasOutcome: boolean;
  /** ms that the answer asks to wait; 0 if it asks for nothing. */
  retryAfterMs: number;
}

const agent = new Agent({ keepAlive: true });
const secureAgent = new SecureAgent({ keepAlive: true });

/** Most characters of an answer that are read. */
const maxTextLength = 64 * 1024;

/**
 * Posts a body unchanged, and reads the answer. Follows no redirect. Uses Node's own client, because fetch copies a
 * body several times, and bodies are large here.
 */
export function post(
  url: URL,
  { headers, body, signal }: { headers: Record<string, string>; body: Uint8Array; signal: AbortSignal },
): Promise<Answered> {
  return ask(url, { method: "POST", headers: { ...headers, "content-length": body.length }, signal }, body);
}

/** Sends a GET to identify the server at that address. Follows no redirect. */
export function look(url: URL, signal: AbortSignal): Promise<Answered> {
  return ask(url, { method: "GET", signal });
}

function ask(url: URL, options: RequestOptions, body?: Uint8Array): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent =
      url.protocol === "https:"
        ? requestHttps(url, { ...options, agent: secureAgent })
        : requestHttp(url, { ...options, agent });
    sent.on("error", reject);
    // Otherwise Node closes the connection without an error, and nothing would ever end the request.
    sent.on("upgrade", (_, socket) => {
      socket.destroy();
      reject(new Error("unexpected status 101"));
    });
    sent.on("response", (response) => void read(response).then(resolve, reject));
    sent.end(body);
  });
}

async function read(response: IncomingMessage): Promise<Answered> {
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) text = (text + chunk).slice(0, maxTextLength);
  const { "retry-after": retryAfter, date } = response.headers;
  const hasOutcome = response.headers["gatepost-outcome"] !== undefined;
  const waitMs = retryAfterMs(retryAfter, date, Date.now());
  return { status: response.statusCode ?? 0, text, hasOutcome, retryAfterMs: waitMs };
}
