import { masked } from "@gatepost/core/masking";
import type { Body } from "../decode/body.ts";

/** The facts of a request that a server knows before its body arrives. */
export interface RequestHead {
  method: string;
  /**
   * Texts that may be the key: from the query, the user of Basic auth, and the first part of the path, in this order.
   */
  candidates: readonly string[];
  /** Parts of the path, without empty parts and trailing commas. The first may be the key. */
  segments: readonly string[];
  address: string;
  /** The headers that are kept with a body. */
  headers: Record<string, string>;
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
}

/** Headers that are needed to read a body later and contain no secret. */
const keptHeaders = ["content-type", "content-encoding", "content-length", "user-agent"];

/** Reads the head of a request. Each transport calls this with the received one. */
export function requestHead({ method, path, query, header, address }: ReceivedHead): RequestHead {
  const sent = path
    .split("/")
    .map(withoutCommas)
    .filter((segment) => segment !== "");
  const segments = withTerminal(sent, query);
  const tokens = query === "" ? [] : new URLSearchParams(query).getAll("token").map(withoutCommas);
  const candidates = [...tokens, ...basicUser(header("authorization")), ...segments.slice(0, 1)];
  return {
    method,
    candidates: candidates.filter((candidate) => candidate !== ""),
    segments,
    address,
    headers: keptOf(header),
  };
}

/** The first part of the paths of ZKTeco's terminals, after a key or without one. */
const iclock = "iclock";

/** The serial of a request that names none. */
export const noSerial = "-";

/** A serial or a table in an address; anything else is none. */
const word = /^[\w.-]{1,32}$/;

/**
 * The parts of the path. For a terminal of ZKTeco `iclock`, the action, the table (for a request without one, the type
 * of the terminal) and the serial: its path is always the same, and its query names them.
 */
function withTerminal(sent: readonly string[], query: string): readonly string[] {
  const at = sent.indexOf(iclock);
  if (at < 0 || at > 1) return sent;
  const asked = new URLSearchParams(query);
  const named = (name: string) => (word.test(asked.get(name) ?? "") ? asked.get(name) : null);
  const table = named("table") ?? named("DeviceType") ?? "-";
  // Some firmware asks for `cdata.aspx`.
  const action = /^\w{1,32}/.exec(sent[at + 1] ?? "")?.[0] ?? "-";
  return [...sent.slice(0, at), iclock, action, table, named("SN") ?? noSerial];
}

/** A request of a terminal of ZKTeco, by the path after the key. */
export interface IclockRequest {
  action: string;
  table: string;
  serial: string;
}

/** Null for any other path. */
export function iclockRequest([
  first,
  action = "-",
  table = "-",
  serial = noSerial,
]: readonly string[]): IclockRequest | null {
  return first === iclock ? { action, table, serial } : null;
}

/** The actions by which a terminal of ZKTeco asks for something. By any other one it delivers what it has. */
const questions = new Set(["getrequest", "ping", "devicecmd", "registry", "push"]);

/** A request of a terminal of ZKTeco that brings no records; null for any other. */
export function iclockQuestion(method: string, path: readonly string[]): IclockRequest | null {
  const asked = iclockRequest(path);
  return asked !== null && (method !== "POST" || questions.has(asked.action)) ? asked : null;
}

/** Configurations of V5R7 end their lists of URLs with a comma (docs/formats.md §3). */
function withoutCommas(part: string): string {
  let end = part.length;
  while (part[end - 1] === ",") end -= 1;
  return part.slice(0, end);
}

function basicUser(header: string | undefined): string[] {
  const encoded = /^basic\s+(\S+)$/i.exec(header ?? "")?.[1];
  return encoded === undefined ? [] : [Buffer.from(encoded, "base64").toString().replace(/:.*$/s, "")];
}

function keptOf(header: ReceivedHead["header"]): Record<string, string> {
  const kept = keptHeaders.flatMap((name) => {
    const value = header(name);
    return value === undefined ? [] : [[name, masked(value)] as const];
  });
  return Object.fromEntries(kept);
}
