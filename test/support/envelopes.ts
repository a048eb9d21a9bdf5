import { readdirSync, readFileSync } from "node:fs";
import { isObject, type Json, type JsonObject, jsonIn } from "@gatepost/protocol";

const folder = new URL("../envelopes/", import.meta.url);

/** Messages as integrators send them: the reports of 888001, and in some of 888002, each in an envelope. */
export const envelopes = readdirSync(folder).map((file) => file.replace(/\.json$/, ""));

/** The bytes of such a message. */
export const messageIn = (name: string) => readFileSync(new URL(`${name}.json`, folder));

/** Every word and number of a message outside its reports, by the names of their members. */
export function wordsBeside(value: Json, path = ""): string[] {
  if (typeof value === "string" && isReport(value)) return [];
  if (Array.isArray(value)) return value.flatMap((item) => wordsBeside(item, path));
  if (!isObject(value)) return value === null || value === "" ? [] : [`${path}=${value}`];
  if ("identity_id" in value) return [];
  return Object.entries(value).flatMap(([name, inner]) => wordsBeside(inner, `${path}.${name}`));
}

/** Whether a text is a report, and nothing else. A text that is a message with a report is taken apart. */
function isReport(text: string): boolean {
  const plain = [text, Buffer.from(text, "base64").toString()].find((one) => one.includes("identity_id"));
  if (plain === undefined) return false;
  const inner = jsonIn(plain);
  return !isObject(inner) || wordsBeside(inner).length === 0;
}

/** The same of a message whose texts are messages themselves, as of SNS in SQS. */
export function wordsBesideIn(body: Buffer): string[] {
  return wordsBeside(unfolded(JSON.parse(body.toString())));
}

function unfolded(value: Json): Json {
  if (typeof value === "string") {
    const inner = value.includes("identity_id") ? jsonIn(value) : undefined;
    return isObject(inner) ? unfolded(inner) : value;
  }
  if (Array.isArray(value)) return value.map(unfolded);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, unfolded(v)])) : value;
}

/** Reports of terminals about a person, as integrators wrap them. */
export const wrappedTerminals: Readonly<Record<string, (person: string) => JsonObject>> = {
  hikvision: (person) => ({
    ipAddress: "192.168.7.31",
    macAddress: "88:de:39:00:00:31",
    dateTime: "2026-11-05T12:00:05+08:00",
    eventType: "AccessControllerEvent",
    AccessControllerEvent: { majorEventType: 5, subEventType: 75, serialNo: Number(person), employeeNoString: person },
  }),
  dahua: (person) => ({
    Events: [
      { Code: "DoorStatus", Action: "Pulse", Data: {} },
      {
        Code: "AccessControl",
        Action: "Pulse",
        Data: { UserID: person, UTC: 1793851205, Method: 15, Template: "SECRET" },
      },
    ],
  }),
  uniview: (person) => ({
    Seq: Number(person),
    DeviceCode: "FAKE1",
    LibMatInfoList: [{ MatchStatus: 1, LibType: 3, MatchPersonInfo: { PersonCode: person, IdentityNo: "SECRET" } }],
    Timestamp: 1793851205,
  }),
};

/** The same message with other reports in their places; null if one is in a form. */
export function messageWith(name: string, reportOf: (person: string) => JsonObject): Buffer | null {
  const message = withReports(JSON.parse(messageIn(name).toString()), reportOf);
  return message === null ? null : Buffer.from(JSON.stringify(message));
}

function withReports(value: Json, reportOf: (person: string) => JsonObject): Json {
  if (typeof value === "string") return textWithReports(value, reportOf);
  if (Array.isArray(value)) {
    const items = value.map((item) => withReports(item, reportOf));
    return items.includes(null) && !value.includes(null) ? null : items;
  }
  if (!isObject(value)) return value;
  if ("identity_id" in value) return reportOf(String(value["identity_id"]));
  const members = Object.entries(value).map(([member, inner]) => [member, withReports(inner, reportOf)] as const);
  return members.some(([member, inner]) => inner === null && value[member] !== null)
    ? null
    : Object.fromEntries(members);
}

/** A text with another report in it, in the same encoding; null if it is not JSON. */
function textWithReports(text: string, reportOf: (person: string) => JsonObject): Json {
  const isPlain = text.includes("identity_id");
  const plain = isPlain ? text : Buffer.from(text, "base64").toString();
  if (!plain.includes("identity_id")) return text;
  const inner = jsonIn(plain);
  const changed = inner === undefined ? null : withReports(inner, reportOf);
  if (changed === null) return null;
  const json = JSON.stringify(changed);
  return isPlain ? json : Buffer.from(json).toString("base64");
}
