import { readdirSync, readFileSync } from "node:fs";
import type { FaceEvent } from "@gatepost/protocol";
import { expect } from "vitest";

const folder = new URL("../fixtures/terminals/", import.meta.url);

/** An event as a sample expects it. Members that it lacks are not judged. */
export interface ExpectedEvent {
  person_id?: string | null;
  person_name?: string | null;
  person_type?: string;
  direction?: string | null;
  result?: string | null;
  method?: string | null;
  score?: number | null;
  scoreScale?: number | null;
  timestamp_ms?: number;
  device_id?: string | null;
  device_ip?: string | null;
  device_name?: string | null;
  box_serial?: string | null;
  card?: string | null;
  /** The terminal's own number of the event. */
  serial?: number;
  /** Whether the terminal says that it kept the event. */
  late?: boolean;
  pictures?: Record<string, string>;
}

export interface Expected {
  vendor: string;
  events: ExpectedEvent[];
  reply: {
    status: number;
    contentType?: string;
    firstLine?: string;
    lines?: string[];
    json?: true | object;
    body?: string | { pattern: string };
    date?: true;
  };
  joins?: string;
  forbidden?: string[];
  quarantined?: number;
  sign_of_life?: true;
}

/** The names of the samples, as `dahua-01-upload-face-entry`. */
export const samples: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith(".http"))
  .map((name) => name.replace(/\.http$/, ""));

export function expected(name: string): Expected {
  return JSON.parse(readFileSync(new URL(`${name}.expect.json`, folder), "utf8"));
}

/** The serial of the ZKTeco terminal in the samples. */
export const serial = "FAKE0316144680";

/** A request as it is sent. */
export interface TerminalRequest {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** The request of a sample, with a key in its place. */
export function terminalRequest(name: string, key: string): TerminalRequest {
  const bytes = readFileSync(new URL(`${name}.http`, folder));
  const end = bytes.indexOf("\r\n\r\n");
  const [line = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const [method = "", target = ""] = line.split(" ");
  const [path = "", query = ""] = target.replace("{KEY}", key).split("?");
  const headers = lines.map((header) => {
    const colon = header.indexOf(":");
    return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()] as const;
  });
  return { method, path, query, headers: Object.fromEntries(headers), body: bytes.subarray(end + 4) };
}

/** The members of an event that a sample judges. */
export function judged(event: FaceEvent | undefined, { pictures, ...by }: ExpectedEvent): ExpectedEvent {
  if (event === undefined) throw new Error("no event");
  const { person, device, box } = event;
  const facts: Required<Omit<ExpectedEvent, "pictures">> = {
    person_id: person.id,
    person_name: person.name,
    person_type: person.type,
    direction: device.direction,
    result: event.result,
    method: event.method,
    card: event.card,
    score: event.score,
    scoreScale: event.scoreScale,
    timestamp_ms: event.timestamp,
    device_id: device.id,
    device_ip: device.ip,
    device_name: device.name,
    box_serial: box.serial,
    serial: Number(Object(event.extra["AccessControllerEvent"])["serialNo"]),
    late: event.reports.some(({ kind }) => kind === "backfill"),
  };
  const shown = Object.entries(event.pictures).map(([kind, picture]) => [kind, picture?.sha256]);
  return {
    ...Object.fromEntries(Object.entries(facts).filter(([member]) => member in by)),
    ...(pictures === undefined ? {} : { pictures: Object.fromEntries(shown) }),
  };
}

/** Events by time and person, as both sides are compared. */
export function inOrder<One extends { timestamp_ms?: number; person_id?: string | null }>(
  events: readonly One[],
): One[] {
  const key = (one: One) => `${one.timestamp_ms} ${one.person_id}`;
  return events.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Expects an answer that the terminal of a sample takes. */
export function expectReply({ status, headers, body }: Reply, { reply }: Expected): void {
  expect(status).toBe(reply.status);
  if (reply.contentType !== undefined) expect(headers["content-type"]?.split(";")[0]).toBe(reply.contentType);
  if (reply.json === true) JSON.parse(body);
  else if (reply.json !== undefined) expect(JSON.parse(body)).toEqual(withPatterns(reply.json));
  if (typeof reply.body === "string") expect(body).toBe(reply.body);
  else if (reply.body !== undefined) expect(body).toMatch(new RegExp(reply.body.pattern));
  const lines = body.split("\n");
  if (reply.firstLine !== undefined) expect(lines[0]).toBe(reply.firstLine);
  for (const wanted of reply.lines ?? []) {
    const [named = "", value = ""] = wanted.split("=");
    const isMet = (line: string) => value.split("|").some((one) => line.startsWith(`${named}=${one}`));
    expect(lines.filter(isMet), wanted).not.toEqual([]);
  }
}

function withPatterns(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("pattern" in value) return expect.stringMatching(new RegExp(String(value.pattern)));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withPatterns(inner)]));
}
