import {
  type DeviceType,
  deviceType,
  isObject,
  type Json,
  type JsonObject,
  shortName,
  shortText,
} from "@gatepost/protocol";

/** A device as a notice of its box names it. */
export interface NoticedDevice {
  id: string;
  endpoint: string | null;
  name: string | null;
  ip: string | null;
  type: DeviceType | null;
  /** Only the list of devices says whether a device is an entry or an exit. docs/formats.md §4.2. */
  direction: "in" | "out" | null;
  isOnline: boolean | null;
}

/** Devices of one notice that are looked at. */
const maxDevices = 500;

/** The members under which the formats list devices. */
const listNames = ["sub_devices", "media_devices", "deviceList", "cameraInfo"] as const;

const names = {
  id: ["media_device_id", "ep_id", "epId", "cameraId", "media_device_ip", "ep_ip", "epIp", "ip", "Ip"],
  endpoint: ["ep_id", "epId"],
  name: ["media_device_name", "ep_name", "epName", "name", "Name"],
  ip: ["media_device_ip", "ep_ip", "epIp", "ip", "Ip"],
  type: ["media_device_type", "ep_type", "epType"],
  state: ["media_device_status", "ep_status", "epStatus", "state"],
} as const;

/** The devices that a notice names. Invalid ones are left out. */
export function noticedDevices(report: JsonObject): NoticedDevice[] {
  const listed = listNames.flatMap((name) => {
    const list = membersOf(report)[name];
    return Array.isArray(list) ? list.slice(0, maxDevices).map((device) => deviceOf(device, name)) : [];
  });
  return listed.filter((device) => device !== null);
}

function deviceOf(sent: Json, list: (typeof listNames)[number]): NoticedDevice | null {
  if (!isObject(sent)) return null;
  const members = membersOf(sent);
  const id = firstName(members, names.id);
  if (id === null) return null;
  const type = firstText(members, names.type);
  const state = firstText(members, names.state);
  return {
    id,
    endpoint: firstName(members, names.endpoint),
    name: firstText(members, names.name),
    ip: firstName(members, names.ip),
    type: type === null ? null : deviceType(type),
    direction: directionOf(members["direction"]),
    isOnline: state === null ? null : isOnline(state, list),
  };
}

/** `0` is in and `1` is out, as a number or as a text. */
function directionOf(sent: Json | undefined): NoticedDevice["direction"] {
  const word = textOf(sent)?.toLowerCase();
  if (word === "0" || word === "in") return "in";
  return word === "1" || word === "out" ? "out" : null;
}

/** Boxes say `online`, and in a list of devices `1`; a platform says `0` of a camera that is there. */
function isOnline(state: string, list: (typeof listNames)[number]): boolean {
  const word = state.toLowerCase();
  return word === "online" || word === (list === "cameraInfo" ? "0" : "1");
}

/** The members of an object by their names without the blanks that some formats print around them. */
export function membersOf(sent: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(sent).map(([name, value]) => [name.trim(), value]));
}

/** The first of these members that has a text or a number, cut to a length that can be shown. */
export function firstText(members: JsonObject, among: readonly string[]): string | null {
  const text = first(members, among);
  return text === null ? null : shortText(text);
}

/** The same, cut as names are that devices are matched by. */
function firstName(members: JsonObject, among: readonly string[]): string | null {
  const text = first(members, among);
  return text === null ? null : shortName(text);
}

function first(members: JsonObject, among: readonly string[]): string | null {
  for (const name of among) {
    const text = textOf(members[name]);
    if (text !== null) return text;
  }
  return null;
}

function textOf(sent: Json | undefined): string | null {
  if (typeof sent !== "string" && typeof sent !== "number") return null;
  const text = `${sent}`.trim().replaceAll(/\s+/g, " ");
  return text === "" ? null : text;
}
