import * as z from "zod/mini";
import { dialect, type Translation } from "../../dialect.ts";
import { digestOf } from "../../digest.ts";
import type { Facts } from "../../facts.ts";
import { milliseconds } from "../../instant.ts";
import { isObject, type JsonObject, omitEmpty } from "../../json.ts";
import { type LocalTimes, wallClock } from "../../local-time.ts";
import { once } from "../../once.ts";
import type { Path } from "../../paths.ts";
import type { PersonType } from "../../person.ts";
import {
  firstOf,
  type HowPassed,
  type Make,
  type SignKind,
  terminalPictures,
  terminalPicturesAt,
  textIn,
  typeOfUnknown,
  withoutTemplates,
} from "../../terminal.ts";
import { idIn, number, personId, text, unread, word } from "../../wire.ts";
import { scored } from "../readings.ts";
import { comparisons, ofSeenFace, signs } from "./codes.ts";

/** The member of a value whose list the terminal kept while it could not deliver. */
const terminalKept = "terminalKept";

const schema = once(() =>
  z.looseObject({
    Code: word(),
    PhysicalAddress: text(),
    Time: text(),
    Data: z.looseObject({
      UserID: personId(),
      CardName: text(),
      UserName: text(),
      CardNo: text(),
      Method: word(),
      OpenDoorMethod: word(),
      Status: number(),
      ErrorCode: number(),
      Type: word(),
      UserType: word(),
      Similarity: number(),
      SN: text(),
      RealUTC: number(),
      UTC: number(),
      CreateTime: number(),
    }),
    [terminalKept]: unread(),
  }),
);

const methods = new Map<string, "face" | "card" | "fingerprint" | "code">([
  ["1", "card"],
  ["6", "fingerprint"],
  ["14", "code"],
  ["15", "face"],
]);
const types = new Map<string, PersonType>([
  ["0", "employee"],
  ["1", "blacklist"],
  ["2", "visitor"],
  ["4", "vip"],
]);
const directions = new Map<string, "in" | "out">([
  ["entry", "in"],
  ["exit", "out"],
]);

type Data = z.output<ReturnType<typeof schema>>["Data"];

/** Whether the door opened, and why not; nothing if the terminal does not say. */
function resultOf({ Status, ErrorCode }: Data): Pick<Facts, "result" | "reason"> {
  if (ErrorCode !== undefined && ErrorCode !== 0) return { result: "denied", reason: `error ${ErrorCode}` };
  if (Status === undefined) return ErrorCode === 0 ? { result: "granted" } : {};
  return { result: Status === 1 ? "granted" : "denied" };
}

/** Codes of events at a door, also of people whom the terminal does not know. */
const ofAccess = "accesscontrol";
const ofFaces = new Set(["_doorface_", "doorface"]);

/** How the person was recognised. Firmware gives faces at a door any number. */
const methodOf = ({ Method, OpenDoorMethod }: Data, code: string) =>
  ofFaces.has(code) ? "face" : (comparisons.get(code) ?? methods.get(Method ?? OpenDoorMethod ?? ""));

/** ms since 1970. If both are there, `UTC` may be local time. */
function timeOf({ RealUTC, UTC, CreateTime }: Data): number | null {
  return milliseconds([RealUTC, UTC, CreateTime].find((sent) => sent !== undefined && sent > 0));
}

/** The person of a library whose face is most like the compared one; no member if there is none. */
function candidateIn({ Candidates: sent }: Data): JsonObject {
  const likeness = (one: unknown) => Number(textIn(one, "Similarity"));
  const [best] = Array.isArray(sent) ? sent.toSorted((a, b) => likeness(b) - likeness(a)) : [sent];
  return firstOf(best);
}

/** The score of the candidate, if it has one. */
function likenessIn(data: Data): number | undefined {
  const likeness = Number(textIn(candidateIn(data), "Similarity") || Number.NaN);
  return Number.isNaN(likeness) ? undefined : likeness;
}

/** A person of a library has the number that people gave, and one of the recorder. */
function personOf(data: Data, passed: HowPassed) {
  const { UserID, CardName, UserName, UserType = "" } = data;
  const person = firstOf(candidateIn(data)["Person"]);
  const said = (name: string) => idIn(textIn(person, name).toWellFormed()) || undefined;
  const [id, name] = [UserID ?? said("ID") ?? said("UID"), CardName ?? UserName ?? said("Name")];
  const isKnown = id !== undefined || name !== undefined;
  return omitEmpty({ id, name, type: isKnown ? types.get(UserType) : typeOfUnknown(passed), group: said("GroupName") });
}

/** The paths of the members that are also kept as they were sent: not all of them is in a fact. */
function keptOf(data: Data, method: Facts["method"]): Path[] {
  const isMethod = (sent = "") => method !== undefined && methods.get(sent) === method;
  const isRead: Readonly<Record<string, boolean>> = {
    Method: isMethod(data.Method),
    OpenDoorMethod: isMethod(data.OpenDoorMethod),
    UserType: types.has(data.UserType ?? ""),
    Type: directions.has(data.Type?.toLowerCase() ?? ""),
  };
  const names = ["UserName", "Status", "ErrorCode", ...Object.keys(isRead).filter((name) => !isRead[name])];
  const sent: Readonly<Record<string, unknown>> = data;
  return names.filter((name) => sent[name] !== undefined).map((name) => ["Data", name]);
}

/** Members that only name the place of the picture on the terminal. */
const ofPictures = ["URL", "SnapPath", "ImageInfo", "FilePath"];

/**
 * A stranger has no number, and a kept event has no picture. So the data alone name a stranger's passing; a known person
 * is named by terminal and time.
 */
function ownOf(data: Data, { time, device, person }: Facts): Pick<Translation, "own"> {
  if (person?.id !== undefined) return {};
  const said = Object.entries(data).filter(([name]) => !ofPictures.includes(name));
  return { own: [device?.id ?? "", time ?? null, digestOf(Object.fromEntries(said) as JsonObject, new Map())] };
}

function read(body: z.output<ReturnType<typeof schema>>, _: unknown, local: LocalTimes): Translation {
  const { PhysicalAddress, Time = "", Data: data, Code = "" } = body;
  const method = methodOf(data, Code.toLowerCase());
  const result = resultOf(data);
  const facts = omitEmpty({
    time: timeOf(data) ?? local.timeOf(Time),
    ...result,
    method,
    card: data.CardNo,
    serial: data.SN,
    device: omitEmpty({
      id: PhysicalAddress?.toLowerCase() ?? data.SN,
      type: "access-control" as const,
      direction: directions.get(data.Type?.toLowerCase() ?? ""),
    }),
    person: personOf(data, { ...result, method }),
    score: method === "face" ? scored(data.Similarity ?? likenessIn(data), 100) : undefined,
  });
  return { facts, keep: [["Code"], ...keptOf(data, method)], ...ownOf(data, facts) };
}

const shared = {
  isTerminal: true,
  timesAt: { time: ["Data", "UTC"] },
  personAt: [
    ["Data", "UserID"],
    ["Data", "CardName"],
  ],
  picturesAt: terminalPicturesAt,
  schema,
  read,
} as const;

const isPassing = (body: JsonObject) => isObject(body["Data"]) && (isOfDoor(body) || saysWhoAndWhen(body));

/** A passing in a list that the terminal kept. */
const kept = dialect({
  name: "dahua-kept",
  kind: "backfill",
  ...shared,
  looksLike: (body) => isPassing(body) && terminalKept in body,
});

const current = dialect({ name: "dahua", kind: "history", ...shared, looksLike: isPassing });

const codeOf = (value: JsonObject) => textIn(value, "Code").toLowerCase();
const isOfDoor = (value: JsonObject) => codeOf(value) === ofAccess || ofFaces.has(codeOf(value));
const isOfPerson = (value: JsonObject) => isOfDoor(value) || comparisons.has(codeOf(value));

/** Whether the result of a comparison names a person, and has a time that can be read. */
function saysWhoAndWhen(value: JsonObject): boolean {
  const read = schema().safeParse(value);
  if (!comparisons.has(codeOf(value)) || !read.success) return false;
  const { Data: data, Time = "" } = read.data;
  const { id, name } = personOf(data, {});
  return (id ?? name) !== undefined && (timeOf(data) !== null || wallClock(Time) !== null);
}

/** The numbers of an opening from afar, and by the button at the exit. */
const openings = new Set(["4", "5"]);

/** Whether a door was opened, and nothing shows by whom: neither a person nor a card nor a picture. */
function isWithoutPerson(value: JsonObject): boolean {
  const data = value["Data"];
  const isNamed = ["UserID", "CardName", "UserName", "CardNo"].some((name) => textIn(data, name) !== "");
  if (codeOf(value) !== ofAccess || !isObject(data) || isNamed || terminalPictures in value) return false;
  const method = textIn(data, "Method") || textIn(data, "OpenDoorMethod");
  return openings.has(method) || (method === "" && textIn(data, "Status") === "1" && !isDenied(data));
}

const isDenied = (data: JsonObject) => Number(textIn(data, "ErrorCode")) !== 0;

/** Answers of other platforms have a code and data as well, so an event without an action is one by its code. */
function isOne(value: unknown): value is JsonObject {
  if (!isObject(value) || typeof value["Code"] !== "string") return false;
  return "Action" in value || ("Data" in value && (isOfPerson(value) || signs.has(codeOf(value))));
}

/** Terminals of Dahua, and of Intelbras, that upload their events and pictures. */
export const dahua: Make = {
  dialects: [kept, current],
  isOf: (body) => isOne(body) || listOf(body) !== null,
  valuesIn(body) {
    const { Events: _, ...beside } = body;
    const events = isOne(body) ? null : listOf(body);
    if (events === null) return [withoutTemplates(body)];
    if (events.length === 0) return [{ Code: "Heartbeat", Action: "" }];
    const isOfPassing = (event: JsonObject) => isOfPerson(event) && signOf(event) === null;
    const passings = events.filter(isOfPassing);
    const pictures = beside[terminalPictures];
    // Only a list that was kept has several passings, and no picture.
    const isKept = passings.length > 1 && pictures === undefined;
    const pictured = passings[0] ?? events.find(isOfPerson) ?? events.find((one) => signOf(one) === null) ?? events[0];
    const common = sharedOf(beside);
    return events.map((event) =>
      withoutTemplates({
        ...common,
        ...event,
        ...(event === pictured && pictures !== undefined ? { [terminalPictures]: pictures } : {}),
        ...(isKept && isOfPassing(event) ? { [terminalKept]: true } : {}),
      }),
    );
  },
  signOf,
};

/** Members of a list that each of its events gets, and characters of each: more of them would be multiplied. */
const maxShared = 16;
const maxSharedText = 128;

/** The numbers and short texts beside a list of events, as its \`Time\`. */
function sharedOf({ [terminalPictures]: _, ...beside }: JsonObject): JsonObject {
  const short = Object.entries(beside).filter(
    ([, value]) => typeof value !== "object" && `${value}`.length <= maxSharedText,
  );
  return Object.fromEntries(short.slice(0, maxShared));
}

/** The events in a body, one of which may be without a list; null if it has none. */
function listOf({ Events: events }: JsonObject): JsonObject[] | null {
  if (isOne(events)) return [events];
  return Array.isArray(events) && events.every(isOne) ? events : null;
}

/** An event of a code that is not known may be about a person, and so may the picture of a face. */
function signOf(value: JsonObject): SignKind | null {
  if (isWithoutPerson(value)) return "door";
  if (codeOf(value) === ofSeenFace && terminalPictures in value) return null;
  return signs.get(codeOf(value)) ?? null;
}
