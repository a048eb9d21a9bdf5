import { bounded } from "./bounded.ts";
import type { Dialect, Reading } from "./dialect.ts";
import { digestOf, idOf } from "./digest.ts";
import { identityOf } from "./identity.ts";
import { isDeeperThan, isObject, type Json, type JsonObject } from "./json.ts";
import { limits } from "./limits.ts";
import { isUsableTime } from "./moment.ts";
import { at, place } from "./paths.ts";
import { decodePicture, type Picture, type PictureFacts, type PictureKind, pictureKinds } from "./picture.ts";
import { recognise } from "./recognise.ts";
import type { Report } from "./report.ts";
import { sparse } from "./sparse.ts";

/** Where and when a report came in. */
export interface Arrival {
  /** The box of the key it came under. */
  box: string;
  /** The last part of the path it was posted to, as `HistoryEvent`. */
  route: string;
  /** ms since 1970. */
  receivedAt: number;
  keepFeatures: boolean;
}

/** A report that tells of a passing, with the pictures that came along. */
export interface Passing {
  eventId: string;
  /** The id of the event it becomes where `eventId` holds another face by a report of its kind. */
  twinId: string;
  /** What two reports of one kind must share to tell of the same passing: the face, else the content. */
  signature: string;
  report: Report;
  pictures: ReadonlyMap<PictureKind, Picture>;
  /** Why the report must also be kept whole: something in it has no place in the event. */
  keepWhole: "picture" | "cut" | null;
}

export type Interpretation = { passing: Passing } | { unreadable: string };

/** Understands one decoded value by its shape. Pure: equal values and arrivals give equal interpretations. */
export function interpret(value: Json, arrival: Arrival): Interpretation {
  if (!isObject(value)) return { unreadable: "not-an-object" };
  if (isDeeperThan(limits.nesting, value)) return { unreadable: "nested-too-deep" };
  const dialect = recognise(value, arrival.route);
  if (dialect === null) return { unreadable: "unknown-shape" };
  if (typeof dialect === "string") return { unreadable: `not-yet-read:${dialect}` };
  return { passing: passingOf(value, dialect, arrival) };
}

function passingOf(body: JsonObject, dialect: Dialect, arrival: Arrival): Passing {
  const reading = dialect.read(body);
  const { decoded, hashes, broken } = decodePictures(reading.pictures);
  const whole: Report = {
    kind: dialect.kind,
    dialect: dialect.name,
    receivedAt: arrival.receivedAt,
    ...reading.facts,
    ...sparse({ extra: extraOf(body, dialect, reading, arrival), pictures: factsOf(decoded) }),
  };
  const identity = once(() => digestOf(body, hashes));
  const signature = whole.pictures?.face?.sha256 ?? identity();
  const parts = identityOf(arrival.box, whole, identity);
  const { report, cuts } = bounded(whole);
  const flags = [
    ...broken.map((kind) => `picture-unreadable:${kind}`),
    ...reading.unreadable.map((path) => `field-unreadable:${path}`),
    ...cuts,
  ];
  return {
    eventId: idOf("evt", parts),
    twinId: idOf("evt", [...parts, signature]),
    signature,
    report: { ...report, ...sparse({ flags }) },
    pictures: decoded,
    keepWhole: broken.length > 0 ? "picture" : cuts.length > 0 ? "cut" : null,
  };
}

function decodePictures(sent: Reading["pictures"]) {
  const decoded = new Map<PictureKind, Picture>();
  const hashes = new Map<string, string>();
  const broken: PictureKind[] = [];
  for (const kind of pictureKinds) {
    const text = sent[kind];
    if (text === undefined || text === null || text === "") continue;
    const picture = typeof text === "string" ? decodePicture(text) : null;
    if (picture === null) broken.push(kind);
    else {
      decoded.set(kind, picture);
      hashes.set(String(text), picture.sha256);
    }
  }
  return { decoded, hashes, broken };
}

function factsOf(decoded: ReadonlyMap<PictureKind, Picture>): Report["pictures"] {
  const facts: Partial<Record<PictureKind, PictureFacts>> = {};
  for (const [kind, { sha256, bytes, contentType }] of decoded) facts[kind] = { sha256, bytes, contentType };
  return facts;
}

function extraOf(body: JsonObject, dialect: Dialect, { extra, facts }: Reading, arrival: Arrival): JsonObject {
  const kept = arrival.keepFeatures ? [...dialect.featuresAt] : [];
  if (!isUsableTime(facts.time, arrival.receivedAt)) kept.push([dialect.timeAt]);
  for (const path of kept) {
    const value = at(body, path);
    if (value !== null) place(extra, path, value);
  }
  return extra;
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
