import { shortName } from "./short-name.ts";

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
 * The name of a device in lists of devices and for clients of the live feed: its id, else its ep_id, else its address.
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
