import * as z from "zod/mini";
import { comparableAddress } from "../../comparable.ts";
import { dialect, type Translation } from "../../dialect.ts";
import { milliseconds } from "../../instant.ts";
import { isObject, type JsonObject, omitEmpty } from "../../json.ts";
import type { LocalTimes } from "../../local-time.ts";
import { once } from "../../once.ts";
import type { PersonType } from "../../person.ts";
import {
  type HowPassed,
  type Make,
  type SignKind,
  terminalPictures,
  terminalPicturesAt,
  textIn,
  typeOfUnknown,
  withoutTemplates,
} from "../../terminal.ts";
import { number, personId, text, word } from "../../wire.ts";
import { verifications } from "./verifications.ts";

/** The root of the same report in XML. */
const xmlRoot = "EventNotificationAlert";
const ofAccess = "AccessControllerEvent";

const schema = once(() =>
  z.looseObject({
    ipAddress: text(),
    macAddress: text(),
    devIndex: text(),
    dateTime: text(),
    AccessControllerEvent: z.looseObject({
      deviceName: text(),
      majorEventType: number(),
      subEventType: number(),
      name: text(),
      employeeNoString: personId(),
      cardNo: text(),
      userType: word(),
      attendanceStatus: word(),
      mask: word(),
      currTemperature: number(),
    }),
  }),
);

const types = new Map<string, PersonType>([
  ["normal", "employee"],
  ["visitor", "visitor"],
  ["blackList", "blacklist"],
]);

const shown = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/;

/** The time on the terminal's clock. Firmware sends the same one with its zone and without. */
function shownIn(dateTime: string): string {
  return shown.exec(dateTime.trim())?.[0].replace(" ", "T") ?? dateTime.trim();
}

/** A terminal may say `normal` of a person whom it does not know. */
function typeOf(userType: string, isKnown: boolean, passed: HowPassed): PersonType | undefined {
  const type = types.get(userType);
  return isKnown || (type !== undefined && type !== "employee") ? type : typeOfUnknown(passed);
}

/** By the attendance in lower case: firmware and gateways write it in several ways. */
const directions = new Map<string, "in" | "out">([
  ["checkin", "in"],
  ["breakin", "in"],
  ["overtimein", "in"],
  ["checkout", "out"],
  ["breakout", "out"],
  ["overtimeout", "out"],
]);

/** The terminal: its MAC, else the name that a gateway has for it, else its address. */
function terminalIn({ macAddress, devIndex, ipAddress }: z.output<ReturnType<typeof schema>>): string | undefined {
  return macAddress?.toLowerCase() ?? devIndex ?? (ipAddress && comparableAddress(ipAddress));
}

function read(body: z.output<ReturnType<typeof schema>>, _: unknown, local: LocalTimes): Translation {
  const { ipAddress, dateTime = "", AccessControllerEvent: event } = body;
  const { employeeNoString: id, name, cardNo, userType = "", attendanceStatus = "" } = event;
  const { result, reason, method } = verificationIn(body[ofAccess]) ?? {};
  const terminal = terminalIn(body);
  const direction = directions.get(attendanceStatus.toLowerCase());
  // Else it is `unknown`.
  const isMaskKnown = event.mask === "yes" || event.mask === "no";
  const facts = omitEmpty({
    time: milliseconds(dateTime) ?? local.timeOf(dateTime),
    result,
    reason,
    method,
    card: cardNo,
    device: omitEmpty({
      id: terminal,
      ip: ipAddress,
      type: "access-control" as const,
      name: event.deviceName,
      direction,
    }),
    person: omitEmpty({ id, name, type: typeOf(userType, id !== undefined || name !== undefined, { result, method }) }),
    attributes: omitEmpty({ temperature: event.currTemperature, mask: isMaskKnown ? event.mask : undefined }),
  });
  const number = textIn(body[ofAccess], "serialNo");
  const keep = [
    [ofAccess, "majorEventType"],
    [ofAccess, "subEventType"],
    ...(event.mask === undefined || isMaskKnown ? [] : [[ofAccess, "mask"]]),
    ...(attendanceStatus !== "" && direction === undefined ? [[ofAccess, "attendanceStatus"]] : []),
  ];
  // A reset of the terminal begins its numbers again, so the time belongs to them.
  const ownIdentity = number === "" ? {} : { own: [terminal ?? "", number, shownIn(dateTime)] };
  return { facts, keep, ...ownIdentity };
}

/** `AccessControllerEvent` of ISAPI, in JSON or XML. docs/terminals.md. */
const shared = {
  isTerminal: true,
  timesAt: { time: ["dateTime"] },
  personAt: [
    [ofAccess, "employeeNoString"],
    [ofAccess, "name"],
  ],
  picturesAt: terminalPicturesAt,
  schema,
  read,
} as const;

const isPassing = (body: JsonObject) => isObject(body[ofAccess]);

/** A passing that the terminal kept while it could not deliver. */
const kept = dialect({
  name: "hikvision-kept",
  kind: "backfill",
  ...shared,
  looksLike: (body) => textIn(body[ofAccess], "currentEvent") === "false",
});

const current = dialect({ name: "hikvision", kind: "history", ...shared, looksLike: isPassing });

/** Members that are in an event about a person. */
const ofPersons = ["employeeNoString", "name", "cardNo"];

/** The numbers of events about doors: opened, locked, button pressed, left open. */
const doors = new Set(["21", "22", "23", "24", "25", "26", "27", "28"]);

/** The group of the numbers of access. The others are alarms, exceptions and operations, with other meanings. */
const accessMajor = "5";
const operationMajor = "3";

const isOfAccess = (event: unknown) => [accessMajor, ""].includes(textIn(event, "majorEventType"));

function verificationIn(event: unknown) {
  return isOfAccess(event) ? verifications.get(Number(textIn(event, "subEventType"))) : undefined;
}

function signOfAccess(value: JsonObject): SignKind | null {
  const event = value[ofAccess];
  if (verificationIn(event) !== undefined) return null;
  const namesPerson = ofPersons.some((name) => textIn(event, name) !== "");
  const isOfDoor = isOfAccess(event) && doors.has(textIn(event, "subEventType"));
  // Its picture only shows the door.
  if (isOfDoor && !namesPerson) return "door";
  const isOfPerson = namesPerson || (isOfAccess(event) && terminalPictures in value);
  return isOfPerson && textIn(event, "majorEventType") !== operationMajor ? null : "other-sign";
}

/** Types of events of cameras that are about no person in particular: motion, lines and areas, faults. */
const ofNobody = new Set([
  ...["vmd", "linedetection", "fielddetection", "regionentrance", "regionexiting", "loitering", "group"],
  ...["rapidmove", "parking", "unattendedbaggage", "attendedbaggage", "scenechangedetection", "shelteralarm"],
  ...["tamperdetection", "audioexception", "defocus", "io", "diskfull", "diskerror", "nicbroken", "ipconflict"],
  ...["illaccess", "badvideo", "storagedetection"],
]);

/** Types of events that are about a person: the comparison of a face, or an identity card. */
const ofSomebody = /face(?!detection)|idcard|alarmresult/;

/** The sign of an event of another type. One that may be about a person is none, as one with pictures. */
function signOfType(value: JsonObject): SignKind | null {
  const type = textIn(value, "eventType").toLowerCase();
  if (type === "heartbeat") return "heartbeat";
  // Cameras say every few seconds that they have not lost their picture.
  if (type === "videoloss") return textIn(value, "eventState") === "inactive" ? "heartbeat" : "video-loss";
  if (type.endsWith("userchange")) return "user-change";
  if (ofNobody.has(type)) return "other-sign";
  return terminalPictures in value || ofSomebody.test(type) ? null : "other-sign";
}

/** Members that are beside the type of each event of this make, and in no report of a box. */
const besideType = ["macAddress", "activePostCount", "eventState", ofAccess];

/** Terminals (MinMoe) and cameras of Hikvision that post to an HTTP listening host. */
export const hikvision: Make = {
  dialects: [kept, current],
  isOf: (body) => ("eventType" in body && besideType.some((name) => name in body)) || isObject(body[xmlRoot]),
  valuesIn({ [xmlRoot]: root, ...others }) {
    return [withoutTemplates(isObject(root) ? { ...root, ...others } : others)];
  },
  signOf: (value) => (isPassing(value) ? signOfAccess(value) : signOfType(value)),
};
