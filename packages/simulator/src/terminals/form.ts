import type { Answered } from "../post.ts";

/** One person at a terminal. */
export interface TerminalPassing {
  /** The terminal's own number of it. */
  number: number;
  /** Null for a person who was not recognised. */
  person: string | null;
  /** The name of the person; one is made of the number if it is left out. */
  name?: string;
  /** ms since 1970, in whole seconds, by the terminal's clock. */
  at: number;
  direction: "in" | "out";
  /** JPEG; null if the terminal has none. */
  picture: Buffer | null;
}

/** A request of a terminal, without the address of the server and its key. */
export interface TerminalRequest {
  method: "GET" | "POST";
  path: string;
  query: string;
  contentType: string | null;
  body: Buffer;
}

/** The answer to a request of a terminal. */
export type TerminalReply = Answered;

export interface Identity {
  /** Its MAC or serial. */
  id: string;
  /** Minutes by which its clock is ahead of UTC. */
  zone: number;
}

/** A report that a terminal keeps until it is answered as its make needs. */
export interface Report {
  passing: TerminalPassing;
  /** A terminal of ZKTeco sends the photo by itself. */
  part: "record" | "photo";
  /** How often it was sent before. */
  tries: number;
  /** Whether it was not answered at first, or waited while the terminal was off. */
  isKept: boolean;
}

/** How the terminals of a make report. */
export interface TerminalForm {
  /** The parts in which a passing is reported. None: the terminal says nothing of it. */
  partsOf(passing: TerminalPassing): readonly Report["part"][];
  /** Whether a report is sent in one list with all others that are. */
  isListed(report: Report): boolean;
  /** The request for one report, or for a list of them. */
  request(terminal: Identity, reports: readonly [Report, ...Report[]]): TerminalRequest;
  /** Whether an answer with status 200 lets the terminal forget these reports. */
  isTaken(reply: TerminalReply, reports: readonly [Report, ...Report[]]): boolean;
  /** The question that a terminal asks after each start, before it sends anything. */
  handshake?: {
    request(terminal: Identity): TerminalRequest;
    isTaken(reply: TerminalReply): boolean;
  };
  /** A request that names a person, sent once after each start; absent if the name is in each report. */
  enrolment?(terminal: Identity, passing: TerminalPassing & { person: string }): TerminalRequest;
  /** A heartbeat, or a question whether there is a command. `at` is the time of its clock, ms since 1970. */
  heartbeat(terminal: Identity, at: number): TerminalRequest;
  /**
   * The time (ms since 1970) to which an answer sets its clock; null if it has none. Absent: the clock is set by a time
   * server.
   */
  timeIn?(reply: TerminalReply, terminal: Identity): number | null;
}

const isoLength = "2026-11-24T08:01:18".length;

/** The terminal's clock as `2026-11-24T08:01:18`. */
export function clockOf({ zone }: Pick<Identity, "zone">, at: number): string {
  return new Date(at + zone * 60_000).toISOString().slice(0, isoLength);
}

export function nameOf({ person, name }: Pick<TerminalPassing, "person" | "name">): string {
  return name ?? `person ${person}`;
}

export function posted(path: string, contentType: string | null, body: Buffer): TerminalRequest {
  return { method: "POST", path, query: "", contentType, body };
}

export function asked(path: string, query = ""): TerminalRequest {
  return { method: "GET", path, query, contentType: null, body: Buffer.alloc(0) };
}

export function json(path: string, body: object): TerminalRequest {
  return posted(path, "application/json", Buffer.from(JSON.stringify(body)));
}

export function part(headers: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`--MIME_boundary\r\n${headers}\r\n\r\n`), content, Buffer.from("\r\n")]);
}

export function form(parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.from("--MIME_boundary--\r\n")]);
}
