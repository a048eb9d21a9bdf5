import { beginsAsToken } from "@gatepost/core/keys";
import { masked } from "@gatepost/core/masking";
import type { Body } from "../decode/body.ts";
import { formOf, receiptHeader } from "./query-form.ts";

/** The facts of a request that a server knows before its body arrives. */
export interface RequestHead {
  method: string;
  /**
   * Texts that may be the key: from the query, the user of Basic auth if it begins as a key, and the first part of the
   * path, in this order.
   */
  candidates: readonly string[];
  /** Parts of the path, without empty parts and trailing commas. The first may be the key. */
  segments: readonly string[];
  address: string;
  /** The headers that are kept with a body. */
  headers: Record<string, string>;
  /** The query of a GET that delivers a report, as a form without the key. Absent for any other request. */
  form?: string;
}

/** What decides whether a request brings anything. */
export interface Asking {
  method: string;
  /** The path after the key. */
  path: readonly string[];
  hasBody: boolean;
}

/** One HTTP request of a box. */
export interface BoxRequest extends RequestHead {
  body: Body;
  /** ms since 1970 at which the rest of a batch must wait, so that the answer is in time. Absent if time has no limit. */
  recordUntil?: number;
}

/** The first lines of a request as they were received, by a Node server or by API Gateway. */
export interface ReceivedHead {
  method: string;
  /** Percent-decoded where it is valid. */
  path: string;
  /** The part after the question mark, as it was sent. */
  query: string;
  /** The value of a header by its lower-case name; values of several lines are joined by commas. */
  header(name: string): string | undefined;
  address: string;
  /** See `Terminals`. */
  segmentsOf?: ((sent: readonly string[], query: string) => readonly string[]) | undefined;
}

/** Headers that are needed to read a body later and contain no secret. */
const keptHeaders = ["content-type", "content-encoding", "content-length", "user-agent", receiptHeader];

/** Reads the head of a request. Each transport calls this with the received one. */
export function requestHead(received: ReceivedHead): RequestHead {
  const { method, path, query, header, address, segmentsOf } = received;
  const sent = path
    .split("/")
    .map(withoutCommas)
    .filter((segment) => segment !== "");
  const segments = segmentsOf?.(sent, query) ?? sent;
  const tokens = query === "" ? [] : new URLSearchParams(query).getAll("token").map(withoutCommas);
  const candidates = [...tokens, ...basicKey(header("authorization")), ...segments.slice(0, 1)];
  const form = formOf(received);
  return {
    method,
    ...(form !== null && { form }),
    candidates: candidates.filter((candidate) => candidate !== ""),
    segments,
    address,
    headers: keptOf(header),
  };
}

/** Configurations of V5R7 end their lists of URLs with a comma (docs/formats.md §3). */
function withoutCommas(part: string): string {
  let end = part.length;
  while (part[end - 1] === ",") end -= 1;
  return part.slice(0, end);
}

/** The user of Basic auth, if it begins as a key. Other users are those of a proxy. */
function basicKey(header: string | undefined): string[] {
  const encoded = basic.exec(header ?? "")?.[1];
  const user = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString().replace(/:.*$/s, "");
  return beginsAsToken(user) ? [user] : [];
}

/** Whether a request has no key in its headers, but at most a password for a proxy. */
export function hasNoKeyInHeaders({ authorization }: { authorization?: string | undefined }): boolean {
  return authorization === undefined || (basic.test(authorization) && basicKey(authorization).length === 0);
}

const basic = /^basic\s+(\S+)$/i;

function keptOf(header: ReceivedHead["header"]): Record<string, string> {
  const kept = keptHeaders.flatMap((name) => {
    const value = header(name);
    return value === undefined ? [] : [[name, masked(value)] as const];
  });
  return Object.fromEntries(kept);
}
