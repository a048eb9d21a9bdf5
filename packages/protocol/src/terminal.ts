import type { Dialect } from "./dialect.ts";
import type { Facts } from "./facts.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { LocalTimes } from "./local-time.ts";
import { set } from "./paths.ts";
import type { PictureKind } from "./picture.ts";

/**
 * The kinds of requests by which terminals only show that they are there, or that are about no passing. Nothing of them is
 * kept: their report is empty.
 */
export const signKinds = ["heartbeat", "door", "video-loss", "user-change", "other-sign"] as const;
export type SignKind = (typeof signKinds)[number];

/** The dialects of terminals, as `reports[].dialect` of an event names them, each with the maker as readers see it. */
export const terminalDialects = {
  "hikvision-kept": "Hikvision",
  hikvision: "Hikvision",
  "dahua-kept": "Dahua",
  dahua: "Dahua",
  "uniview-kept": "Uniview",
  uniview: "Uniview",
  zkteco: "ZKTeco",
  "zkteco-photo": "ZKTeco",
} as const;
export type TerminalDialect = keyof typeof terminalDialects;

/** The answer that a terminal needs instead of the usual one. */
export interface TerminalAnswer {
  /** 200 if absent. */
  status?: number;
  contentType: string;
  body: string;
}

/** A person as a terminal has them, which sends names apart from passings. */
export interface EnrolledPerson {
  /** The id of the terminal: the same number is another person at another one. */
  terminal: string;
  person: string;
  name: string;
}

/** A maker of terminals whose reports have another form. Each is one folder in dialects/. */
export interface Make {
  /** The dialects of its reports; the first that fits is the dialect of a value. */
  readonly dialects: readonly Dialect<TerminalDialect>[];
  /** Whether a body is of this make, by the names at its root. Asked of each value that is no certain report of SophonGate. */
  isOf(body: JsonObject): boolean;
  /**
   * The values in a body, each about one passing or one sign of life, without templates and with its pictures in
   * `terminalPictures`. It leaves such a value as it is, because quarantine keeps and replays these values.
   */
  valuesIn(body: JsonObject): JsonObject[];
  /** The sign of life that a value is; null if it may be a passing. */
  signOf(value: JsonObject): SignKind | null;
  /**
   * The person whom a value names, if its make sends names apart from passings; null if it names none. Absent: names are
   * in the passings.
   */
  personIn?(value: JsonObject): EnrolledPerson | null;
  /** The answer to the body of a value, once the value is durable; null for the usual one. `now` is ms since 1970. */
  answer?(value: JsonObject, times: { now: number; local: LocalTimes }): TerminalAnswer | null;
}

/** The member of a value that has the pictures of a terminal, by their kinds, in base64. */
export const terminalPictures = "terminalPictures";

/** The paths of these pictures. */
export const terminalPicturesAt = {
  registered: [[terminalPictures, "registered"]],
  scene: [[terminalPictures, "scene"]],
  face: [[terminalPictures, "face"]],
} as const satisfies Partial<Record<PictureKind, readonly (readonly string[])[]>>;

/**
 * The names of members with templates of faces and fingers, or with the data of an identity card, in lower case. They
 * are never stored.
 */
const forbidden = new Set([
  ...["featurelist", "feature", "featurenum", "featureversion", "facefeature", "template", "biodata", "fpdata"],
  ...["idimage", "identityno", "idcardno", "idnum", "idnumber", "citizenidno", "idcardinfo", "residentialaddress"],
  ...["birthday", "idcardpicture", "idphoto", "facedata", "fingerdata", "fingerprintdata"],
]);

/** Levels of a value that are looked at. A report has far fewer; deeper ones are dropped. */
const maxLevels = 24;

/** A copy of a value without templates and data of identity cards, at any depth. */
export function withoutTemplates(object: JsonObject): JsonObject {
  return cleaned(object, 0) as JsonObject;
}

function cleaned(value: Json, level: number): Json {
  if (typeof value !== "object" || value === null) return value;
  if (level > maxLevels) return null;
  if (Array.isArray(value)) return value.map((item) => cleaned(item, level + 1));
  const kept: JsonObject = {};
  for (const [name, inner] of Object.entries(value)) {
    if (!forbidden.has(name.toLowerCase())) set(kept, name, cleaned(inner, level + 1));
  }
  return kept;
}

/** How a terminal recognised a person, and whether it let them pass. */
export type HowPassed = { [Fact in "result" | "method"]?: Facts[Fact] | undefined };

/** The type of a person without an id and a name. A door that a card or a finger opened shows no stranger. */
export function typeOfUnknown({ result, method }: HowPassed): "stranger" | "unknown" {
  return result === "granted" && method !== "face" ? "unknown" : "stranger";
}

/** The text of a member, without blanks around it; "" if it has none. Numbers and booleans become their text. */
export function textIn(value: unknown, name: string): string {
  const sent = isObject(value) ? (value[name] ?? null) : null;
  return sent === null || typeof sent === "object" ? "" : `${sent}`.trim();
}

/** The members of the first element of a list, or of an object in its place; none if it is neither. */
export function firstOf(value: unknown): JsonObject {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isObject(first) ? first : {};
}
