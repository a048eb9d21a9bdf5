import {
  type BoxStatusKind,
  comparable,
  type DeviceType,
  type DialectName,
  deviceName,
  deviceType,
  isObject,
  isUnknownAction,
  isUsableTime,
  type Json,
  type JsonObject,
  omitAbsent,
  type Report,
  type ReportKind,
  shortName,
  shortText,
} from "@gatepost/protocol";

/** A device as a report or a notice names it, with long texts cut. */
export interface DeviceSign {
  /** Its name in lists of devices: its id, else its ep_id, else its address. */
  id: string;
  /** Its ep_id, which notices use even if reports have an id. */
  endpoint: string | null;
  name: string | null;
  ip: string | null;
  type: DeviceType | null;
  /** The direction of the passing; absent if the report does not say it. */
  direction?: "in" | "out";
}

interface Sign {
  box: string;
  /** When Gatepost received it, ms. */
  receivedAt: number;
}

/** A report about a passing. */
export interface ReportSign extends Sign {
  kind: ReportKind;
  dialect: DialectName;
  /** When it happened by the box's clock, ms; null if that clock says nothing. */
  sentAt: number | null;
  isFlagged: boolean;
  device: DeviceSign | null;
  /** The serial that it names; null if it names none. */
  serial?: string | null;
  /** The action that it wants, if that is not known. */
  unknownAction?: string;
  /** The type of event of its path, if its dialect does not belong there. */
  unexpectedAt?: string;
}

/** A notice of a box about itself. */
export interface NoticeSign extends Sign {
  kind: BoxStatusKind;
  /** The devices that it says are online. */
  devices: readonly DeviceSign[];
  /** The serial that it names; null if it names none. */
  serial?: string | null;
}

/** A body that was not understood: only that the box is alive is known. */
interface UnreadSign extends Sign {
  kind: "unread";
}

/** A request with the key of the box that was refused. It is not a sign of life, because nothing of it was stored. */
interface RefusalSign extends Sign {
  kind: "refused";
  status: number;
}

/** The sign of a box in one report, notice or refusal. */
export type BoxSign = ReportSign | NoticeSign | UnreadSign | RefusalSign;

/** The sign of a box in a report. */
export function signOfReport(box: string, report: Report): ReportSign {
  const { kind, dialect, receivedAt, time, flags, device = {}, wantAction, unexpectedAt } = report;
  const { id = null, endpoint = null, ip = null, name = null, type = null, direction } = device;
  const shown = deviceName({ id, endpoint, ip });
  return {
    box,
    receivedAt,
    kind,
    dialect,
    sentAt: isUsableTime(time, receivedAt) ? time : null,
    isFlagged: flags !== undefined || !isUsableTime(time, receivedAt),
    device:
      shown === null ? null : { id: shown, ...shortened({ endpoint, name, ip }), type, ...omitAbsent({ direction }) },
    serial: serialOfReport(report),
    ...omitAbsent({ unknownAction: isUnknownAction(wantAction) ? shortText(wantAction) : null, unexpectedAt }),
  };
}

/** The sign of a box in a notice. */
export function signOfNotice(notice: {
  box: string;
  kind: BoxStatusKind;
  receivedAt: number;
  report: JsonObject;
}): NoticeSign {
  const { box, kind, receivedAt, report } = notice;
  const online = noticedDevices(report).filter(({ isOnline }) => isOnline === true);
  return {
    box,
    kind,
    receivedAt,
    devices: online.map(({ id, endpoint, name, ip, type }) => ({ id, endpoint, name, ip, type })),
    serial: serialOfNotice(report),
  };
}

/** Texts that devices are matched by end with a hash if they are cut; texts that are only shown do not. */
function shortened({ endpoint, name, ip }: Pick<DeviceSign, "endpoint" | "name" | "ip">) {
  return { endpoint: endpoint && shortName(endpoint), name: name && shortText(name), ip: ip && shortName(ip) };
}

/** The members that name the box by its licence in events and in box status. docs/formats.md §1. */
const licenceNames = ["dev_sno", "mq_license_key", "devSno"];

/**
 * The serial by which a report names its box; null if it does not. A platform reports for many boxes, and a backfill
 * may report passings of another box.
 */
export function serialOfReport({ kind, serial }: Pick<Report, "kind" | "serial">): string | null {
  return serial === undefined || kind === "pass-record" || kind === "backfill" ? null : named(serial);
}

/** The serial by which a box status names its box; null if it does not. */
export function serialOfNotice(report: JsonObject): string | null {
  const serial = firstText(membersOf(report), licenceNames);
  return serial === null ? null : named(serial);
}

function named(serial: string): string {
  return shortName(comparable(serial));
}

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
