import type { Connection } from "./connection.ts";
import { Failure, NotReached, sayWhy, WrongUsage } from "./failure.ts";
import type { RunningServer } from "./runtime/running.ts";

/** ms without an answer after which the waiting is printed. Reading or removing much may take longer. */
const saidAfterMs = 10_000;

/** The API of a server, by its address and a key. */
export function remote({
  url,
  token,
  publicUrl = url,
}: Omit<RunningServer, "token"> & { token?: string | undefined }): Connection {
  if (token === undefined) throw new WrongUsage("give an admin key with --token or in GATEPOST_TOKEN");
  if (!isKeyLike(token)) throw new WrongUsage("--token must be a key, as gpa_…");
  const headers = { authorization: `Bearer ${token}` };
  return {
    fetch: (path, request) =>
      noting(url, async () => {
        try {
          return await fetch(url + path, { ...request, headers, redirect: "error" });
        } catch (error) {
          throw notReached(url, error).why;
        }
      }),
    place: url,
    publicUrl,
    url,
    close: () => Promise.resolve(),
  };
}

/** Does work that may take long, and prints then which place it waits for. */
export async function noting<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  const note = setTimeout(() => process.stderr.write(`still waiting for ${place} to answer\n`), saidAfterMs);
  try {
    return await work();
  } finally {
    clearTimeout(note);
  }
}

/** Whether a text could be a key: nothing else goes into a header. */
export function isKeyLike(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

/** OpenSSL's codes for an answer that is no TLS. */
const noTls = ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"];
/** Its words for the same, if the client had already written something. */
const saysNoTls = /:(?:wrong version number|packet length too long):/;

/** Codes of answers that another try does not change: they are no HTTP, or their certificate is not believed. */
const forGood = /^(?:ERR_SSL_|ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Why there was no answer at an address, and whether there will be none if it is asked again. */
export function notReached(url: string, error: unknown): { why: Failure; isForGood: boolean } {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const isForGood = forGood.test(code) || (cause instanceof Error && cause.name === "HTTPParserError");
  if (noTls.includes(code) || (code === "EPROTO" && saysNoTls.test(sayWhy(cause)))) {
    const http = url.replace(/^https/i, "http");
    return { why: new Failure(`${url} is answered without TLS; did you mean ${http}?`, { cause }), isForGood };
  }
  const why = sayWhy(cause) || code || "no answer";
  return { why: new NotReached(`cannot reach ${url}: ${why}; is it running there?`, { cause }), isForGood };
}
