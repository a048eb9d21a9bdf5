/** The makers whose terminals are simulated. */
export const terminalMakes = ["hikvision", "dahua", "uniview", "zkteco"] as const;
export type TerminalMake = (typeof terminalMakes)[number];

/** One person at a terminal. */
export interface TerminalPassing {
  /** The terminal's own number of it. */
  number: number;
  /** Null for a person who was not recognised. */
  person: string | null;
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

interface Terminal {
  /** Its MAC or serial. */
  id: string;
  /** Minutes by which its clock is ahead of UTC. */
  zone: number;
}

/** A passing as it is sent: `isKept` if it was not answered at first. */
type Sent = TerminalPassing & { isKept: boolean };

/** The requests by which a terminal of a make reports a passing, in their order. */
export function requestsOf(make: TerminalMake, terminal: Terminal, passing: Sent): TerminalRequest[] {
  return builders[make](terminal, passing);
}

const builders: Record<TerminalMake, (terminal: Terminal, passing: Sent) => TerminalRequest[]> = {
  hikvision,
  dahua,
  uniview,
  zkteco,
};

const isoLength = "2026-11-24T08:01:18".length;

/** The terminal's clock as `2026-11-24T08:01:18`. */
function clockOf({ zone }: Terminal, at: number): string {
  return new Date(at + zone * 60_000).toISOString().slice(0, isoLength);
}

function zoneText({ zone }: Terminal): string {
  const [hours, minutes] = [Math.floor(Math.abs(zone) / 60), Math.abs(zone) % 60];
  return `${zone < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** The event by which a terminal of Hikvision reports a passing. */
export function hikvisionEvent(terminal: Terminal, { number, person, at, direction, picture, isKept }: Sent) {
  return {
    ...{ ipAddress: "192.168.1.64", macAddress: terminal.id, activePostCount: isKept ? 2 : 1 },
    dateTime: clockOf(terminal, at) + zoneText(terminal),
    ...{ eventType: "AccessControllerEvent", eventState: "active" },
    AccessControllerEvent: {
      ...{ majorEventType: 5, subEventType: person === null ? 76 : 75, serialNo: number, currentEvent: !isKept },
      ...(person === null ? {} : { employeeNoString: person, name: `person ${person}` }),
      ...{ attendanceStatus: direction === "in" ? "checkIn" : "checkOut", picturesNumber: picture === null ? 0 : 1 },
    },
  };
}

function hikvision(terminal: Terminal, passing: Sent): TerminalRequest[] {
  const { picture } = passing;
  const json = Buffer.from(JSON.stringify(hikvisionEvent(terminal, passing), null, 1));
  if (picture === null) return [posted("/HikEvent", "application/json", json)];
  const parts = [
    part('Content-Disposition: form-data; name="event_log"\r\nContent-Type: application/json', json),
    part('Content-Disposition: form-data; name="Picture"; filename="Picture.jpg"\r\nContent-Type: image/jpeg', picture),
  ];
  return [posted("/HikEvent", "multipart/form-data; boundary=MIME_boundary", form(parts))];
}

function dahua(terminal: Terminal, { person, at, direction, picture, isKept }: Sent): TerminalRequest[] {
  const data = {
    ...{ UserID: person ?? "", CardName: person === null ? "" : `person ${person}`, Method: 15 },
    ...{ Status: person === null ? 0 : 1, ErrorCode: 0, Type: direction === "in" ? "Entry" : "Exit" },
    ...{ RealUTC: at / 1000, UTC: at / 1000, SN: terminal.id, Similarity: 90 },
  };
  const event = { Action: "Pulse", Code: "AccessControl", Index: 0, PhysicalAddress: terminal.id, Data: data };
  const json = Buffer.from(JSON.stringify({ Events: [event], Time: "" }));
  // A list of kept events has no pictures.
  if (picture === null || isKept) return [posted("/notification", "application/json", json)];
  const parts = [part("Content-Type: text/plain", json), part("Content-Type: image/jpeg", picture)];
  return [posted("/notification", "multipart/mixed; boundary=MIME_boundary", form(parts))];
}

function uniview(terminal: Terminal, { number, person, at, picture, isKept }: Sent): TerminalRequest[] {
  const image = picture === null ? {} : { FaceImage: { Name: "f.jpg", Data: picture.toString("base64") } };
  const event = {
    ...{ Seq: number, DeviceCode: terminal.id, Timestamp: at / 1000 + 1, NotificationType: isKept ? 1 : 0 },
    FaceInfoList: [{ ID: number, Timestamp: at / 1000, FeatureList: [{ Feature: "QUJD" }], ...image }],
    LibMatInfoList: [
      {
        ...{ LibType: person === null ? 2 : 3, MatchStatus: person === null ? 2 : 1, MatchPersonID: 0 },
        MatchPersonInfo: person === null ? {} : { PersonCode: person, PersonName: `person ${person}` },
      },
    ],
  };
  const path = "/LAPI/V1.0/System/Event/Notification/PersonVerification";
  return [posted(path, "application/json", Buffer.from(JSON.stringify(event)))];
}

const statuses = { in: "0", out: "1" };

/** A person who was not recognised is in no record of attendance: only the photo is sent. */
function zkteco(terminal: Terminal, { person, at, direction, picture }: Sent): TerminalRequest[] {
  const time = clockOf(terminal, at);
  const line = `${person}\t${time.replace("T", " ")}\t${statuses[direction]}\t15\t0\t0\t0\t\r\n`;
  const name = [time.replaceAll(/\D/g, ""), ...(person === null ? [] : [person])].join("-");
  const head = `PIN=${name}.jpg\nSN=${terminal.id}\nsize=${picture?.length}\nCMD=uploadphoto\0`;
  const table = (named: string, body: Buffer): TerminalRequest => ({
    ...posted("/iclock/cdata", null, body),
    query: `SN=${terminal.id}&table=${named}&Stamp=9999`,
  });
  return [
    ...(person === null ? [] : [table("ATTLOG", Buffer.from(line))]),
    ...(picture === null ? [] : [table("ATTPHOTO", Buffer.concat([Buffer.from(head), picture]))]),
  ];
}

/** A heartbeat, or a question whether there is a command. */
export function heartbeatOf(make: TerminalMake, terminal: Terminal, at: number): TerminalRequest {
  const clock = clockOf(terminal, at);
  const beats: Record<TerminalMake, TerminalRequest> = {
    hikvision: json("/HikEvent", { macAddress: terminal.id, dateTime: clock, eventType: "heartBeat" }),
    dahua: { ...posted("/EventHttpUpload/keepalive", null, Buffer.alloc(0)), method: "GET" },
    uniview: json("/LAPI/V1.0/PACS/Controller/HeartReportInfo", {
      ...{ RefId: "1", Time: clock.replace("T", " "), DeviceCode: terminal.id, DeviceType: 5 },
    }),
    zkteco: {
      ...posted("/iclock/getrequest", null, Buffer.alloc(0)),
      ...{ method: "GET", query: `SN=${terminal.id}` },
    },
  };
  return beats[make];
}

function json(path: string, body: object): TerminalRequest {
  return posted(path, "application/json", Buffer.from(JSON.stringify(body)));
}

function posted(path: string, contentType: string | null, body: Buffer): TerminalRequest {
  return { method: "POST", path, query: "", contentType, body };
}

function part(headers: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`--MIME_boundary\r\n${headers}\r\n\r\n`), content, Buffer.from("\r\n")]);
}

function form(parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.from("--MIME_boundary--\r\n")]);
}
