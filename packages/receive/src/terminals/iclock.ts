/* The requests of ZKTeco's terminals. Their path is always the same, and its query names the rest. */

/** The first part of the paths of ZKTeco's terminals, after a key or without one. */
const iclock = "iclock";

/** The serial of a request that names none. */
export const noSerial = "-";

/** A serial or a table in an address; anything else is none. */
const word = /^[\w.-]{1,32}$/;

/**
 * The parts of a path. For a terminal of ZKTeco `iclock`, the action, the table (for a request without one, the type of
 * the terminal) and the serial.
 */
export function segmentsOf(sent: readonly string[], query: string): readonly string[] {
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
