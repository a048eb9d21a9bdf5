import type { Connection } from "./connection.ts";
import { Failure, sayWhy, WrongUsage } from "./failure.ts";
import type { RunningServer } from "./running.ts";

/** The API of a server, by its address and a key. */
export function remote({
  url,
  token,
  publicUrl = url,
}: Omit<RunningServer, "token"> & { token?: string | undefined }): Connection {
  if (token === undefined) throw new WrongUsage("give an admin key with --token or in GATEPOST_TOKEN");
  if (!/^[\x21-\x7e]+$/.test(token)) throw new WrongUsage("--token must be a key, as gpa_…");
  const headers = { authorization: `Bearer ${token}` };
  return {
    async fetch(path, request) {
      try {
        return await fetch(url + path, { ...request, headers, redirect: "error" });
      } catch (error) {
        throw notReached(url, error);
      }
    },
    place: url,
    publicUrl,
    url,
    close: () => Promise.resolve(),
  };
}

/** OpenSSL's codes for an answer that is no TLS. */
const noTls = ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"];

function notReached(url: string, error: unknown): Failure {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (noTls.includes(code))
    return new Failure(`${url} is answered without TLS; did you mean ${url.replace(/^https/i, "http")}?`, { cause });
  return new Failure(`cannot reach ${url}: ${sayWhy(cause) || code || "no answer"}; is it running there?`, { cause });
}
