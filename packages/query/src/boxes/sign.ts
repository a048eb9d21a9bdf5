import {
  type BoxStatusKind,
  type DeviceType,
  type DialectName,
  deviceName,
  isUsableTime,
  type JsonObject,
  type Report,
  type ReportKind,
  shortName,
  shortText,
} from "@gatepost/protocol";
import { noticedDevices } from "./noticed-devices.ts";
import { serialOfNotice, serialOfReport } from "./serials.ts";

/** A device as a report or a notice names it, with long texts cut. */
export interface DeviceSign {
  /** What it is called in lists of devices: its id, else its ep_id, else its address. */
  id: string;
  /** Its ep_id, by which notices call it also where reports have an id. */
  endpoint: string | null;
  name: string | null;
  ip: string | null;
  type: DeviceType | null;
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
  /** When it happened by the box's clock, ms; null where that clock says nothing. */
  sentAt: number | null;
  isFlagged: boolean;
  device: DeviceSign | null;
  /** The serial that it names; null if it names none. */
  serial?: string | null;
}

/** What a box says about itself. */
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

/** What one report, notice or refusal tells of a box. */
export type BoxSign = ReportSign | NoticeSign | UnreadSign | RefusalSign;

/** What a report tells of its box. */
export function signOfReport(box: string, report: Report): ReportSign {
  const { kind, dialect, receivedAt, time, flags, device = {} } = report;
  const { id = null, endpoint = null, ip = null, name = null, type = null } = device;
  const shown = deviceName({ id, endpoint, ip });
  return {
    ...{ box, receivedAt, kind, dialect },
    sentAt: isUsableTime(time, receivedAt) ? time : null,
    isFlagged: flags !== undefined || !isUsableTime(time, receivedAt),
    device: shown === null ? null : { id: shown, ...shortened({ endpoint, name, ip }), type },
    serial: serialOfReport(report),
  };
}

/** What a notice tells of its box. */
export function signOfNotice(notice: {
  box: string;
  kind: BoxStatusKind;
  receivedAt: number;
  report: JsonObject;
}): NoticeSign {
  const { box, kind, receivedAt, report } = notice;
  const online = noticedDevices(report).filter(({ isOnline }) => isOnline === true);
  return {
    ...{ box, kind, receivedAt },
    devices: online.map(({ id, endpoint, name, ip, type }) => ({ id, endpoint, name, ip, type })),
    serial: serialOfNotice(report),
  };
}

/** Texts that devices are matched by keep a hash of what is cut; texts that are only shown do not. */
function shortened({ endpoint, name, ip }: Pick<DeviceSign, "endpoint" | "name" | "ip">) {
  return { endpoint: endpoint && shortName(endpoint), name: name && shortText(name), ip: ip && shortName(ip) };
}
