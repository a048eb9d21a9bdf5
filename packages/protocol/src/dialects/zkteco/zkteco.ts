import * as z from "zod/mini";
import { dialect, type Translation } from "../../dialect.ts";
import type { Facts } from "../../facts.ts";
import { type JsonObject, omitEmpty } from "../../json.ts";
import type { LocalTimes } from "../../local-time.ts";
import { once } from "../../once.ts";
import {
  type EnrolledPerson,
  type Make,
  type SignKind,
  terminalPictures,
  terminalPicturesAt,
  textIn,
  typeOfUnknown,
} from "../../terminal.ts";
import { idIn, number, personId, text, word } from "../../wire.ts";
import { accessEvent } from "./access-events.ts";

/** The member that says from which table of the terminal a value is. `readTable` makes such values of its lines. */
export const ofTable = "iclock";

const schema = once(() =>
  z.looseObject({
    SN: text(),
    pin: personId(),
    time: text(),
    status: word(),
    verify: word(),
    event: word(),
    inoutstatus: word(),
    cardno: word(),
    mask: word(),
    temperature: number(),
  }),
);

const methods = new Map<string, "face" | "fingerprint" | "password" | "card">([
  ["0", "password"],
  ["1", "fingerprint"],
  ["2", "card"],
  ["3", "password"],
  ["4", "card"],
  ["15", "face"],
]);

/** By the member of passings at a door, in which 2 is neither. */
const byDoor = new Map<string, "in" | "out">([
  ["0", "in"],
  ["1", "out"],
]);

/** By the status of attendance, in which 2 and 3 are a break, and 4 and 5 overtime. */
const byStatus = new Map<string, "in" | "out">([...byDoor, ["2", "out"], ["3", "in"], ["4", "in"], ["5", "out"]]);

type Sent = z.output<ReturnType<typeof schema>>;

/** Whether the terminal let the person pass. A record of attendance is only made of a person who was recognised. */
function resultOf({ event, pin }: Sent): Pick<Facts, "result" | "reason"> {
  if (event !== undefined) return accessEvent(event);
  return { result: isKnown(pin) ? "granted" : "denied" };
}

function isKnown(pin: string | undefined): pin is string {
  return pin !== undefined && pin !== "0";
}

function attributesOf({ temperature = 0, mask = "" }: Sent) {
  const isMeasured = temperature > 0 && temperature < maxTemperature;
  return omitEmpty({ temperature: isMeasured ? temperature : undefined, mask: masks.get(mask) });
}

function read(body: Sent, _: unknown, local: LocalTimes): Translation {
  const { SN = "", pin, time = "", status, verify = "", event, inoutstatus, cardno } = body;
  const said = inoutstatus ?? status ?? "";
  // A photo says no more of the way, and its record counts first.
  const method = methods.get(verify) ?? (terminalPictures in body ? "face" : undefined);
  const direction = (inoutstatus === undefined ? byStatus : byDoor).get(said);
  const card = cardno === "0" ? undefined : cardno;
  const result = resultOf(body);
  const facts = omitEmpty({
    time: local.timeOf(time),
    ...result,
    method,
    card,
    device: omitEmpty({ id: SN === "" ? undefined : SN, type: "access-control" as const, direction }),
    person: isKnown(pin) ? { id: pin } : { type: typeOfUnknown({ ...result, method }) },
    attributes: attributesOf(body),
  });
  const unread = [
    ...(!methods.has(verify) ? ["verify"] : []),
    ...(direction === undefined ? ["status", "inoutstatus"] : []),
  ];
  return {
    facts,
    keep: [...unread, "event", ofTable].filter((name) => body[name] !== undefined).map((name) => [name]),
    // Record and photo have no number in common, but the time of the terminal, which stays if the zone of the box is set.
    own: [SN, isKnown(pin) ? pin : `card ${card ?? ""}`, time.replaceAll(/\D/g, "")],
    // The same person with another status in the same second passed twice.
    variant: [said, event, ...(isKnown(pin) ? [] : [textIn(body, "index"), faceIn(body)])].join(" "),
  };
}

/** The picture of a stranger, of whom a photo says nothing else. */
const faceIn = (body: Sent) => textIn(body[terminalPictures], "face");

/** °C. 255 is sent without a reading. */
const maxTemperature = 60;

const masks = new Map<string, string>([
  ["0", "no"],
  ["1", "yes"],
]);

export const photoTable = "ATTPHOTO";

/** The table of the people who are registered at the terminal. */
export const userTable = "USER";

/** The tables of passings. */
const recordTables = new Set(["ATTLOG", "RTLOG"]);

const isTimed = (body: JsonObject) => textIn(body, "time") !== "";

const shared = {
  isTerminal: true,
  timesAt: { time: ["time"] },
  personAt: [["pin"]],
  picturesAt: terminalPicturesAt,
  schema,
  read,
} as const;

const record = dialect({
  name: "zkteco",
  kind: "history",
  ...shared,
  looksLike: (body) => recordTables.has(textIn(body, ofTable)) && isTimed(body),
});

/** A photo, which belongs to the record of its person and time, in either order. */
const photo = dialect({
  name: "zkteco-photo",
  kind: "realtime",
  ...shared,
  looksLike: (body) => textIn(body, ofTable) === photoTable && terminalPictures in body && isTimed(body),
});

/** Tables of users, templates and identity cards, none of which is kept. */
const ofUsers = [
  ...["USER", "FP", "FACE", "FACEV7", "FVEIN", "FINGERTMP", "TEMPLATE", "TEMPLATEV10", "BIODATA", "BIOPHOTO"],
  ...["USERPIC", "EXTUSER", "USERAUTHORIZE", "MULCARDUSER", "IDCARD"],
];

/** The tables that are known to be about no passing. */
const signs = new Map<string, SignKind>([
  ["OPTIONS", "heartbeat"],
  ["RTSTATE", "door"],
  ...["OPLOG", "ERRORLOG", "OPERLOG", "TABLEDATA"].map((table) => [table, "other-sign"] as const),
  ...ofUsers.map((table) => [table, "user-change"] as const),
]);

export const isSignTable = (table: string): boolean => signs.has(table);

/** Terminals of ZKTeco that push by ADMS. Their text is made into values first, by `readTable`. */
export const zkteco: Make = {
  dialects: [record, photo],
  isOf: (body) => ofTable in body,
  valuesIn: (body) => [body],
  signOf(value) {
    const table = textIn(value, ofTable);
    if (recordTables.has(table)) return isTimed(value) && isOfDoor(value) ? "door" : null;
    return signs.get(table) ?? null;
  },
  personIn,
};

/** The user in a line of the table of users. */
function personIn(value: JsonObject): EnrolledPerson | null {
  const [terminal, person, name] = [textIn(value, "SN"), idIn(textIn(value, "pin")), textIn(value, "name")];
  const isNamed = textIn(value, ofTable) === userTable && terminal !== "" && isKnown(person) && name !== "";
  return isNamed && person !== "" ? { terminal, person, name } : null;
}

/** Whether an access event is about the door alone, without a card, a face or a finger. */
function isOfDoor(value: JsonObject): boolean {
  const event = textIn(value, "event");
  const hasPerson = [textIn(value, "pin"), textIn(value, "cardno")].some((id) => id !== "" && id !== "0");
  return event !== "" && !hasPerson && accessEvent(event).result === undefined;
}
