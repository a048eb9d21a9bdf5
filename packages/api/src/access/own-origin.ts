import { GatepostError } from "@gatepost/core/errors";

/** The address at which clients reach the server. */
export interface Reached {
  isHttps: boolean;
  /** The origin of the public address, if one is set. */
  origin: string | null;
  /** The path of the public address, as `/gate`; empty if it has none. */
  basePath: string;
}

const fromElsewhere = new GatepostError(
  "forbidden",
  "this request is from another site; open Gatepost at its own address, which --public-url sets behind a proxy",
  { code: "other-site" },
);

const fromNowhere = new GatepostError(
  "forbidden",
  "this request names no site: without a key, send Origin with the address of Gatepost, as Origin: https://gate.example.com",
  { code: "no-site" },
);

/** The address of the console for the client that asks, without a slash at the end; empty if the client names none. */
export function consoleAt(headers: Headers, { isHttps, origin, basePath }: Reached): string {
  const host = headers.get("host");
  const reached = host === null ? "" : `${isHttps ? "https" : "http"}://${host}`;
  return (headers.get("origin") ?? origin ?? reached) + basePath;
}

/**
 * Throws 403 for a request that a page of another origin has made, which has the cookie of the person as well. A browser
 * names the origin in `Origin`, and by https and on the machine itself also says `Sec-Fetch-Site`. A request with
 * neither is not of a browser, or of one that is too old to tell, and is refused: a program can send `Origin`.
 */
export function requireOwnOrigin(headers: Headers, { isHttps, origin }: Pick<Reached, "isHttps" | "origin">): void {
  const site = headers.get("sec-fetch-site") ?? "";
  if (site !== "" && site !== "same-origin") throw fromElsewhere;
  const sender = headers.get("origin");
  if (sender === null) {
    if (site === "") throw fromNowhere;
    return;
  }
  const host = headers.get("host");
  const ownOrigin = host === null ? null : `${isHttps ? "https" : "http"}://${host}`;
  if (sender !== origin && sender !== ownOrigin) throw fromElsewhere;
}
