import { hash } from "node:crypto";

/** Characters of a name that is shown, or kept in a list of names: no real one is longer. */
const maxNameLength = 128;

const hashLength = 16;

/** A text for show alone, not too long. */
export function shortText(text: string): string {
  return begin(text, maxNameLength);
}

/**
 * A name by which something is found, not too long: of a long one its beginning and a hash, so that two of them stay two.
 *
 * @example shortName("AKOPKKKKK__192.168.1.25") === "AKOPKKKKK__192.168.1.25"
 */
export function shortName(name: string): string {
  if (name.length <= maxNameLength) return name;
  // As JSON: a half of a character is not written as UTF-8, and two names would be one.
  const digest = hash("sha256", JSON.stringify(name)).slice(0, hashLength);
  return `${begin(name, maxNameLength - hashLength - 1)}~${digest}`;
}

/** The beginning of a text, which ends with no half of a character. */
function begin(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

export const deviceTypes = [
  "turnstile",
  "capture",
  "ipc-static",
  "ipc-dynamic",
  "access-control",
  "photo",
  "rtsp",
  "card",
  "file",
  "gb28181",
] as const;
export type DeviceType = (typeof deviceTypes)[number];

const numbered: readonly DeviceType[] = ["turnstile", "capture", "ipc-static", "ipc-dynamic", "access-control"];

/** The device type behind a digit 0–4 or a newer word in any case; null for any other. docs/formats.md §1. */
export function deviceType(sent: string): DeviceType | null {
  const word = sent.trim().toLowerCase();
  const isWord = (type: DeviceType) => type === word;
  return numbered.find((_, number) => `${number}` === word) ?? deviceTypes.find(isWord) ?? null;
}

/**
 * The name of a device in lists of devices and for clients of an SE5: its id, else its ep_id, else its address.
 * A long name is cut, because a list is stored and read as a whole.
 */
export function deviceName({ id, endpoint, ip }: Record<"id" | "endpoint" | "ip", string | null>): string | null {
  const name = id ?? endpoint ?? ip;
  return name === null ? null : shortName(name);
}

/** `ep_id` is licence code (or MAC, or UUID), two underscores, address; the address may itself hold underscores. */
export function splitEndpoint(endpoint: string): { serial: string; address: string } {
  const at = endpoint.indexOf("__");
  return at < 0 ? { serial: "", address: "" } : { serial: endpoint.slice(0, at), address: endpoint.slice(at + 2) };
}
