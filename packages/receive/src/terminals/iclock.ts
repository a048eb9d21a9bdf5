import type { Asking } from "../deliver/request.ts";

/* The requests of ZKTeco's terminals. Their path is always the same, and its query names the rest. */

/** The first part of the paths of ZKTeco's terminals, after a key or without one. */
const iclock = "iclock";

/** The serial of a request that names none. */
export const noSerial = "-";

/** The table of a request that names none. */
const noTable = "-";

/** A serial or a table in an address; anything else is none. */
const word = /^[\w.-]{1,32}$/;

/** The table of several others, of which the address names one, and the number of its lines. */
const ofSeveral = "tabledata";

/**
 * The parts of a path. For a terminal of ZKTeco `iclock`, the action, the table (for a request without one, the type of
 * the terminal or of the question) and the serial; for a table of several, also the one among them and the number of its
 * lines.
 */
export function segmentsOf(sent: readonly string[], query: string): readonly string[] {
  const at = sent.indexOf(iclock);
  if (at < 0 || at > 1) return sent;
  // Firmware writes the names in any case; of a name that is repeated the first one counts.
  const asked = new Map([...new URLSearchParams(query)].reverse().map(([name, value]) => [name.toLowerCase(), value]));
  const named = (name: string) => word.exec(asked.get(name) ?? "")?.[0];
  const table = named("table") ?? named("devicetype") ?? named("type") ?? noTable;
  // Some firmware asks for `cdata.aspx`, and some is given `/iclock` as a part of its host.
  const action = /^\w{1,32}/.exec(sent.slice(at).find((part) => part !== iclock) ?? "")?.[0] ?? "-";
  const among = table.toLowerCase() === ofSeveral ? [named("tablename") ?? "-", named("count") ?? "-"] : [];
  return [...sent.slice(0, at), iclock, action, table, named("sn") ?? noSerial, ...among];
}

/** A request of a terminal of ZKTeco, by the path after the key. */
export interface IclockRequest {
  action: string;
  table: string;
  serial: string;
  /** The table among several, and the number of its lines; `-` if the address does not name them. */
  tableName: string;
  count: string;
}

/** Null for any other path. */
export function iclockRequest([
  first,
  action = "-",
  table = noTable,
  serial = noSerial,
  tableName = "-",
  count = "-",
]: readonly string[]): IclockRequest | null {
  return first === iclock ? { action, table, serial, tableName, count } : null;
}

/** The path by which a body is kept: without the number of its lines, which only its answer needs. */
export function keptPath(path: readonly string[]): readonly string[] {
  return iclockRequest(path) === null ? path : path.slice(0, 5);
}

/** The actions by which a terminal of ZKTeco asks for something. By any other one it delivers what it has. */
const questions = new Set(["getrequest", "ping", "devicecmd", "registry", "push"]);

/** A request of a terminal of ZKTeco that brings no records; null for any other. A body for a table is its records. */
export function iclockQuestion({ method, path, hasBody }: Asking): IclockRequest | null {
  const asked = iclockRequest(path);
  if (asked === null || questions.has(asked.action)) return asked;
  return method === "POST" || (hasBody && asked.table !== noTable) ? null : asked;
}
