import * as z from "zod/mini";
import { dialect, type Translation } from "../../dialect.ts";
import { milliseconds } from "../../instant.ts";
import { isObject, type Json, type JsonObject, omitEmpty } from "../../json.ts";
import { once } from "../../once.ts";
import type { PersonType } from "../../person.ts";
import {
  firstOf,
  type Make,
  type SignKind,
  terminalPictures,
  terminalPicturesAt,
  textIn,
  typeOfUnknown,
  withoutTemplates,
} from "../../terminal.ts";
import { idIn, number, text, unread } from "../../wire.ts";
import { scored } from "../readings.ts";
import { univiewAnswer } from "./answer.ts";

const schema = once(() =>
  z.looseObject({
    DeviceCode: text(),
    Timestamp: number(),
    FaceInfoList: unread(),
    CardInfoList: unread(),
    LibMatInfoList: unread(),
  }),
);

const types = new Map<string, PersonType>([
  ["1", "blacklist"],
  ["2", "stranger"],
  ["3", "employee"],
  ["4", "visitor"],
]);
const granted = new Set(["1", "7"]);

/** Why a door did not open, by the status of the comparison. */
const reasons = new Map<string, string>([
  ["2", "face not known"],
  ["3", "not at this time"],
  ["4", "expired"],
  ["6", "not a live face"],
  ["8", "denied"],
  ["10", "mask or attributes"],
  ["11", "temperature"],
]);
const masks = new Map<string, string>([
  ["1", "no"],
  ["2", "yes"],
]);

/** The kinds of card that are for access; another one is an identity card. */
const accessCard = "1";

/** The statuses of comparisons that register a person. */
const enrolments = new Set(["21", "22", "23", "24", "25", "26"]);

/**
 * The comparison that decided: one that let the person pass, else one that names a person, else the first that registers
 * no one, else the first.
 */
function decidingMatch(sent: unknown): JsonObject {
  const all = asList(sent).filter(isObject);
  const status = (one: JsonObject) => textIn(one, "MatchStatus");
  const passings = all.filter((one) => !enrolments.has(status(one)));
  const granting = passings.find((one) => granted.has(status(one)));
  return granting ?? passings.find((one) => personOf(one).id !== "") ?? passings[0] ?? all[0] ?? {};
}

/** The person whom a comparison names; the id is "" for a stranger. */
function personOf(match: JsonObject): Pick<Match, "id" | "name"> {
  const info = firstOf(match["MatchPersonInfo"]);
  const number = textIn(match, "MatchPersonID");
  const id = idIn(textIn(info, "PersonCode")) || (isNoOne.test(number) ? "" : idIn(number));
  const isKnown = id !== "" && types.get(textIn(match, "LibType")) !== "stranger";
  return isKnown ? { id, name: textIn(info, "PersonName") } : { id: "", name: "" };
}

/** The numbers of persons begin with 1. */
const isNoOne = /^(?:0|-\d{1,19})$/;

interface Match {
  status: string;
  kind: string;
  /** "" for a stranger. */
  id: string;
  name: string;
  confidence: string;
}

function matchIn(body: Sent): Match {
  const match = decidingMatch(body["LibMatInfoList"]);
  const [status, kind] = [textIn(match, "MatchStatus"), textIn(match, "LibType")];
  return { status, kind, confidence: textIn(match, "MatchFaceConfidence"), ...personOf(match) };
}

function resultOf(status: string): "granted" | "denied" | undefined {
  if (granted.has(status)) return "granted";
  return reasons.has(status) ? "denied" : undefined;
}

function attributesOf(face: JsonObject) {
  const temperature = Number(textIn(face, "Temperature"));
  return omitEmpty({
    temperature: temperature > 0 ? temperature : undefined,
    mask: masks.get(textIn(face, "MaskFlag")),
  });
}

function methodOf(face: JsonObject, card: JsonObject): "face" | "card" | undefined {
  if (Object.keys(face).length > 0) return "face";
  return Object.keys(card).length > 0 ? "card" : undefined;
}

type Sent = Readonly<Record<string, unknown>>;

const orNothing = (text: string) => (text === "" ? undefined : text);

function readValue(body: Sent): Translation {
  const [face, card] = [firstOf(body["FaceInfoList"]), firstOf(body["CardInfoList"])];
  const { status, kind, id, name, confidence } = matchIn(body);
  const time = [face["Timestamp"], card["Timestamp"], body["Timestamp"]].find((one) => Number(one) > 0);
  const device = textIn(body, "DeviceCode");
  const [result, method] = [resultOf(status), methodOf(face, card)];
  const facts = omitEmpty({
    time: milliseconds(time),
    result,
    reason: reasons.get(status),
    method,
    card: textIn(card, "CardType") === accessCard ? orNothing(textIn(card, "CardID")) : undefined,
    device: omitEmpty({ id: orNothing(device), type: "access-control" as const }),
    person: omitEmpty({
      id: orNothing(id),
      name: orNothing(name),
      type: id === "" ? typeOfUnknown({ result, method }) : types.get(kind),
    }),
    score: confidence === "" ? undefined : scored(Number(confidence), null),
    attributes: attributesOf(face),
  });
  // The number of the record, by which two strangers of one second without a face are told apart.
  const record = [textIn(face, "ID"), textIn(card, "ID"), textIn(body, "Seq")].find((one) => one !== "");
  const isOwn = id === "" && !(terminalPictures in body) && record !== undefined;
  return {
    facts,
    keep: lists.filter((list) => body[list] !== undefined).map((list) => [list]),
    ...(isOwn ? { own: [device, facts.time ?? null, record] } : {}),
    // The same person with another status in the same second tried twice.
    variant: status,
  };
}

const lists = ["FaceInfoList", "CardInfoList", "LibMatInfoList"];

/** The elements of a list, or an object in its place. */
const asList = (sent: unknown): unknown[] => (Array.isArray(sent) ? sent : isObject(sent) ? [sent] : []);

/** Whether it has a face, a card or a comparison. */
const isPassing = (body: JsonObject) => lists.some((name) => asList(body[name]).length > 0);

const shared = {
  isTerminal: true,
  timesAt: { time: ["Timestamp"] },
  personAt: [],
  picturesAt: terminalPicturesAt,
  schema,
  read: readValue,
} as const;

/** A passing that the terminal kept until it was answered rightly. */
const kept = dialect({
  name: "uniview-kept",
  kind: "backfill",
  ...shared,
  looksLike: (body) => isPassing(body) && textIn(body, "NotificationType") === "1",
});

const current = dialect({ name: "uniview", kind: "history", ...shared, looksLike: isPassing });

/** Members of a card that are kept: the others may be of an identity card. */
const ofCards = ["ID", "Timestamp", "CardType", "CardID", "CapSrc", "CardStatus"];

function cardOf(sent: unknown): Json {
  if (!isObject(sent)) return null;
  const isAccess = textIn(sent, "CardType") === accessCard;
  const members = ofCards.filter((name) => name in sent && (isAccess || name !== "CardID"));
  return Object.fromEntries(members.map((name) => [name, sent[name] ?? null]));
}

/** A face without its pictures, whose names and sizes say nothing without them. */
function faceOf(sent: unknown): Json {
  if (!isObject(sent)) return null;
  const { FaceImage: _, PanoImage: __, ...face } = sent;
  return face;
}

function withPictures(body: JsonObject): JsonObject {
  const { FaceInfoList: faces, CardInfoList: cards, [terminalPictures]: before, ...others } = body;
  const face = firstOf(faces);
  // A terminal that is set to send no pictures sends empty ones.
  const data = (name: string) => orNothing(textIn(firstOf(face[name]), "Data"));
  const pictures = before ?? omitEmpty({ face: data("FaceImage"), scene: data("PanoImage") });
  return withoutTemplates({
    ...others,
    ...(faces === undefined ? {} : { FaceInfoList: asList(faces).map(faceOf) }),
    ...(cards === undefined ? {} : { CardInfoList: asList(cards).map(cardOf) }),
    ...omitEmpty({ [terminalPictures]: pictures as JsonObject }),
  });
}

/** Members beside the terminal's code: of notifications, and of heartbeats. */
const ofRoots = ["Seq", "Time", "RefId", "NextTime"];

function signOf(value: JsonObject): SignKind | null {
  if (isPassing(value))
    return enrolments.has(textIn(decidingMatch(value["LibMatInfoList"]), "MatchStatus")) ? "user-change" : null;
  return "Seq" in value ? "other-sign" : "heartbeat";
}

/** Terminals of Uniview that post person verifications by LAPI. */
export const uniview: Make = {
  dialects: [kept, current],
  isOf: (body) => "DeviceCode" in body && (ofRoots.some((name) => name in body) || isPassing(body)),
  valuesIn: (body) => [withPictures(body)],
  signOf,
  answer: univiewAnswer,
};
