import * as z from "zod/mini";
import { dialect, type Translation } from "../../dialect.ts";
import { digestOf } from "../../digest.ts";
import type { Facts } from "../../facts.ts";
import { milliseconds } from "../../instant.ts";
import { isObject, type JsonObject, omitEmpty } from "../../json.ts";
import type { LocalTimes } from "../../local-time.ts";
import { once } from "../../once.ts";
import type { Path } from "../../paths.ts";
import type { PersonType } from "../../person.ts";
import {
  type Make,
  type SignKind,
  terminalPictures,
  terminalPicturesAt,
  textIn,
  withoutTemplates,
} from "../../terminal.ts";
import { number, text, word } from "../../wire.ts";
import { scored } from "../readings.ts";

const schema = once(() =>
  z.looseObject({
    PhysicalAddress: text(),
    Time: text(),
    Data: z.looseObject({
      UserID: text(),
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
  }),
);

const methods: Record<string, "face" | "card" | "fingerprint" | "code"> = {
  ...{ "1": "card", "6": "fingerprint", "14": "code", "15": "face" },
};
const types: Record<string, PersonType> = { "0": "employee", "1": "blacklist", "2": "visitor", "4": "vip" };
const directions: Record<string, "in" | "out"> = { entry: "in", exit: "out" };

type Data = z.output<ReturnType<typeof schema>>["Data"];

/** Whether the door opened, and why not; nothing if the terminal does not say. */
function resultOf({ Status, ErrorCode }: Data): Pick<Facts, "result" | "reason"> {
  if (ErrorCode !== undefined && ErrorCode !== 0) return { result: "denied", reason: `error ${ErrorCode}` };
  return Status === undefined ? {} : { result: Status === 1 ? "granted" : "denied" };
}

function personOf({ UserID: id, CardName, UserName, UserType = "" }: Data) {
  const name = CardName ?? UserName;
  const isKnown = id !== undefined || name !== undefined;
  return omitEmpty({ id, name, type: isKnown ? types[UserType] : ("stranger" as const) });
}

/** The paths of the members that are also kept as they were sent: not all of them is in a fact. */
function keptOf(data: Data): Path[] {
  const isRead: Record<string, unknown> = {
    Method: methods[data.Method ?? ""],
    OpenDoorMethod: methods[data.OpenDoorMethod ?? ""],
    UserType: types[data.UserType ?? ""],
    Type: directions[data.Type?.toLowerCase() ?? ""],
  };
  const names = [
    "UserName",
    "Status",
    "ErrorCode",
    ...Object.keys(isRead).filter((name) => isRead[name] === undefined),
  ];
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
  const { PhysicalAddress, Time = "", Data: data } = body;
  const method = methods[data.Method ?? data.OpenDoorMethod ?? ""];
  const facts = omitEmpty({
    // If both are there, `UTC` may be local time.
    time: milliseconds(data.RealUTC ?? data.UTC ?? data.CreateTime) ?? local.timeOf(Time),
    ...resultOf(data),
    method,
    card: data.CardNo,
    serial: data.SN,
    device: omitEmpty({
      id: PhysicalAddress?.toLowerCase() ?? data.SN,
      type: "access-control" as const,
      direction: directions[data.Type?.toLowerCase() ?? ""],
    }),
    person: personOf(data),
    score: method === "face" ? scored(data.Similarity, 100) : undefined,
  });
  return { facts, keep: keptOf(data), ...ownOf(data, facts) };
}

/** Codes of events that are about a person at a door. */
const ofPersons = new Set(["accesscontrol", "_doorface_", "doorface"]);

const current = dialect({
  name: "dahua",
  kind: "history",
  isTerminal: true,
  sender: { model: "Dahua" },
  timesAt: { time: ["Data", "UTC"] },
  personAt: [
    ["Data", "UserID"],
    ["Data", "CardName"],
  ],
  picturesAt: terminalPicturesAt,
  schema,
  read,
  looksLike: (body) => isObject(body["Data"]) && ofPersons.has(codeOf(body)),
});

const signs: Record<string, SignKind> = {
  ...{ heartbeat: "heartbeat", keepalive: "heartbeat" },
  ...{ doorstatus: "door", doornotclosed: "door", breakin: "door", doorcontrol: "door", alarmlocal: "door" },
  ...{ videoloss: "video-loss", videoblind: "video-loss" },
  ...{ usermanager: "user-change", newuser: "user-change" },
};

const codeOf = (value: JsonObject) => textIn(value, "Code").toLowerCase();
const isOne = (value: unknown): value is JsonObject =>
  isObject(value) && typeof value["Code"] === "string" && ("Action" in value || "Data" in value);

/** Terminals of Dahua, and of Intelbras, that upload their events and pictures. */
export const dahua: Make<"dahua"> = {
  dialects: [current],
  isOf: (body) => isOne(body) || listOf(body) !== null,
  valuesIn(body) {
    const { Events: _, ...beside } = body;
    const events = isOne(body) ? null : listOf(body);
    if (events === null) return [withoutTemplates(body)];
    if (events.length === 0) return [{ Code: "Heartbeat", Action: "" }];
    // The pictures are of the first passing: a list of several has none.
    const pictured = Math.max(
      events.findIndex((event) => signOf(event) === null),
      0,
    );
    const pictures = beside[terminalPictures];
    const shared = sharedOf(beside);
    return events.map((event, at) =>
      withoutTemplates({
        ...shared,
        ...event,
        ...(at === pictured && pictures !== undefined ? { [terminalPictures]: pictures } : {}),
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

/** The events in a body; null if it has no list of events. */
function listOf({ Events: events }: JsonObject): JsonObject[] | null {
  return Array.isArray(events) && events.every(isOne) ? events : null;
}

function signOf(value: JsonObject): SignKind | null {
  return ofPersons.has(codeOf(value)) ? null : (signs[codeOf(value)] ?? "other-sign");
}
