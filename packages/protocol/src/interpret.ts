import { hash } from "node:crypto";
import { type BoxStatus, boxStatusKind, isKeepable, isWholeStatus, type Notice } from "./box-status.ts";
import { unreadableFlag } from "./claims.ts";
import type { ReadReport, ReportReader } from "./dialect.ts";
import { digestOf, idOf } from "./digest.ts";
import { serialOf, withEnvelope } from "./envelope.ts";
import { isEvent } from "./event-sign.ts";
import type { Facts } from "./facts.ts";
import { omitFeatures } from "./features.ts";
import { withExtData } from "./flattened.ts";
import { identityOf, reportFingerprint, terminalIdentityOf } from "./identity.ts";
import { isClockSet, isUsableTime } from "./instant.ts";
import { excess, isObject, type Json, type JsonObject, omitAbsent, omitEmpty } from "./json.ts";
import { limits } from "./limits.ts";
import { LocalTimes } from "./local-time.ts";
import { once } from "./once.ts";
import type { BytesOf, Picture, PictureKind } from "./picture.ts";
import { type DialectName, type GivenReader, recognise } from "./recognise.ts";
import type { Report } from "./report.ts";
import { decodePictures, factsOf } from "./report-pictures.ts";
import { withoutSecrets } from "./secrets.ts";
import { putBack, type Steps, treeOf, valueOn, withoutValues } from "./steps.ts";
import type { EnrolledPerson, Make, TerminalAnswer } from "./terminal.ts";
import { truncate } from "./truncate.ts";

/** The place and time at which a report was received. */
export interface Arrival {
  /** The box that the key belongs to. */
  box: string;
  /** The last part of the path it was posted to, as `HistoryEvent`. */
  route: string;
  /** ms since 1970. */
  receivedAt: number;
  /** ms since 1970: the time of a report that has none itself. Absent: such a report has no time. */
  receipt?: number | undefined;
  /** The levels of the topic that it was published to, or of the path that it was posted to. */
  levels?: readonly string[] | undefined;
  /** Whether feature vectors stay in the stored report. */
  keepFeatures: boolean;
  /** Flags from decoding. */
  flags?: readonly string[] | undefined;
  /** The rest of the message in which the report was found. */
  envelope?: JsonObject | undefined;
  /** The maker of the terminal that the value is from. Absent for a report of SophonGate. */
  make?: Make | undefined;
  /** Finds the bytes of pictures that were cut out of the body before parsing, by the texts in their place. */
  bytesOf?: BytesOf | undefined;
  /**
   * The time zone of the box, for times without one, as `Asia/Shanghai`. Null: none is known. Absent: it is not read yet;
   * then a report with such a time throws ZoneNeeded.
   */
  zone?: string | null | undefined;
  /** The reader of its mapping, for a value of unknown shape. */
  reader?: GivenReader | null | undefined;
  /** The texts in the value that are files of its form. Those that are no picture of the event are in no event. */
  files?: ReadonlySet<string> | undefined;
  /** The body in a list of which a mapping has found the value. */
  around?: Json | undefined;
}

/** Why a report is unreadable of which no format is known. */
export const unknownShape = "unknown-shape";

const unclearNotice = "unclear-notice:";

/** Whether nothing was made of a report for this reason because its shape is not known, or not wholly. */
export function isOfUnknownShape(reason: string): boolean {
  return reason === unknownShape || reason.startsWith(unclearNotice);
}

/**
 * Whether mappings are asked about a value that could not be interpreted. One with too many values may be a list of
 * reports, unless a dialect knows it, or it is a status.
 */
export function isForMappings(
  value: JsonObject,
  reason: string,
  { route, receivedAt }: Pick<Arrival, "route" | "receivedAt">,
): boolean {
  if (reason !== "too-many-values") return isOfUnknownShape(reason);
  const kind = boxStatusKind(value);
  if (isEvent(value) || recognise(withExtData(value), route) !== null) return false;
  return kind === null || !isWholeStatus(kind, value, receivedAt);
}

/** A report about a passing, with its pictures. */
export interface Passing {
  eventId: string;
  /** The id of its event if `eventId` already has another face from a report of the same kind. */
  twinId: string;
  /** Two reports of one kind are about the same passing only if this is equal. See `reportFingerprint`. */
  fingerprint: string;
  /** The fingerprint by which older builds stored the same report, and the twin that they made. Absent if they are equal. */
  earlier?: { fingerprint: string; readonly twinId: string };
  report: Report;
  pictures: ReadonlyMap<PictureKind, Picture>;
  /** The person at the terminal, if its name is sent apart; absent if the report has all that is sent. */
  enrolledAs?: Omit<EnrolledPerson, "name">;
  /** Why the whole report is also kept in quarantine: the event cannot hold all of it. */
  keepWhole: "picture" | "cut" | "part" | null;
}

type Meaning = { passing: Passing } | { boxStatus: BoxStatus } | { unreadable: string };

export type Interpretation = Meaning & {
  /** The answer that the terminal needs once the report is durable. */
  answer?: TerminalAnswer;
  /** A person whom a terminal names without a passing. */
  enrolled?: EnrolledPerson;
};

/**
 * Interprets one decoded value by its shape. Pure: equal values and arrivals give equal results. Throws ZoneNeeded if the
 * zone of the box is needed and not read yet.
 *
 * @example
 * const arrival = { box: "gate-1", route: "RealTimeEvent", receivedAt: Date.now(), keepFeatures: false };
 * const read = interpret({ identity_id: "7", timestamp: 1566016554020, ext_data: { device_ip: "10.0.0.7" } }, arrival);
 * if ("passing" in read) console.log(read.passing.eventId);
 */
export function interpret(value: Json, arrival: Arrival): Interpretation {
  if (arrival.reader) return interpretMapped(value, arrival.reader, arrival);
  if (!isObject(value)) return { unreadable: "not-an-object" };
  const exceeded = excess(value, limits);
  if (exceeded !== null) return { unreadable: exceeded };
  if (arrival.make !== undefined) return interpretTerminal(value, arrival.make, arrival);
  const kind = boxStatusKind(value);
  if (kind !== null && !isEvent(value)) return boxStatusOf({ kind, report: value }, arrival);
  const body = withExtData(value);
  const dialect = recognise(body, arrival.route);
  return dialect === null ? { unreadable: unknownShape } : { passing: passingOf(body, dialect, arrival) };
}

/** A value that a mapping describes: an object, or a row of a list. */
function interpretMapped(value: Json, reader: GivenReader, arrival: Arrival): Interpretation {
  if (typeof value !== "object" || value === null) return { unreadable: "not-an-object" };
  const exceeded = excess(value, limits);
  if (exceeded !== null) return { unreadable: exceeded };
  const answer = reader.answer(value, arrival.around);
  const answered = answer === null ? {} : { answer };
  const sign = reader.signOf(value);
  if (sign !== null) return { boxStatus: { kind: sign, report: {} }, ...answered };
  if (!reader.fits(value)) return { unreadable: unknownShape };
  const local = new LocalTimes(arrival.zone);
  return { passing: passingOf<JsonObject | Json[]>(value, reader, { ...arrival, local }), ...answered };
}

/** A value of a terminal, as `terminalValues` makes it. */
function interpretTerminal(value: JsonObject, make: Make, arrival: Arrival): Interpretation {
  const local = new LocalTimes(arrival.zone);
  const answer = make.answer?.(value, { now: arrival.receivedAt, local }) ?? null;
  const enrolled = make.personIn?.(value) ?? null;
  return { ...meaningOf(value, make, { ...arrival, local }), ...omitAbsent({ answer, enrolled }) };
}

function meaningOf(value: JsonObject, make: Make, arrival: Arrival & { local: LocalTimes }): Meaning {
  const sign = make.signOf(value);
  if (sign !== null) return { boxStatus: { kind: sign, report: {} } };
  const dialect = make.dialects.find((one) => one.looksLike(value, arrival.route));
  if (dialect === undefined) return { unreadable: unknownShape };
  const passing = passingOf(value, dialect, arrival);
  const { person, device } = passing.report;
  if (make.personIn !== undefined && person?.id !== undefined && device?.id !== undefined)
    passing.enrolledAs = { terminal: device.id, person: person.id };
  return { passing };
}

/** Only the last status of each kind is kept, so a body that may be more than a status goes to quarantine instead. */
function boxStatusOf({ kind, report }: Notice, { keepFeatures, receivedAt }: Arrival): Interpretation {
  if (!isWholeStatus(kind, report, receivedAt)) return { unreadable: unclearNotice + kind };
  const boxStatus = { kind, report: keepFeatures ? report : omitFeatures(report) };
  return isKeepable(boxStatus) ? { boxStatus } : { unreadable: `notice-too-large:${kind}` };
}

function passingOf<Body extends JsonObject | Json[]>(
  body: Body,
  reader: ReportReader<DialectName, Body> & Partial<Pick<GivenReader, "mapping">>,
  arrival: Arrival & { local?: LocalTimes },
): Passing {
  const reading = reader.read(body, arrival.local, arrival.levels);
  const { decoded, hashes, lost, truncated } = decodePictures(reading.pictures, arrival.bytesOf);
  const { facts, unusable } = usableTimes(reading.facts, reading.timesAt, arrival.receivedAt);
  if (arrival.receipt !== undefined && !isClockSet(facts.time ?? 0)) facts.time = arrival.receipt;
  const beside = withoutFiles(arrival.envelope ?? {}, arrival.files);
  const own = withoutFiles(extraOf(body, reading.extra, unusable), arrival.files);
  const [envelope, extra] = [beside.rest, own.rest];
  const serial = facts.serial ?? serialOf(envelope);
  const whole: Report = {
    kind: reader.kind,
    dialect: reader.name,
    ...(reader.mapping && { dialectName: reader.mapping.name }),
    receivedAt: arrival.receivedAt,
    ...facts,
    ...omitEmpty({
      serial,
      extra: withoutSecrets(Object.keys(envelope).length === 0 ? extra : withEnvelope(extra, envelope)),
      pictures: factsOf(decoded),
    }),
  };
  const identity = once(() => digestOf(body, hashes));
  const sent = { facts: reading.facts, isFaceLost: lost.unreadable.includes("face") };
  const { fingerprint, parts } = reader.isTerminal
    ? nameOfTerminal(arrival.box, whole, reading, identity)
    : {
        fingerprint: reportFingerprint(whole, sent, identity),
        parts: identityOf(arrival.box, whole, identity),
      };
  const twinOf = (print: string) => idOf("evt", [...parts, print]);
  const earlier = reader.isTerminal || decoded.has("face") ? fingerprint : identity();
  const { report, truncations } = truncate(arrival.keepFeatures ? whole : (omitFeatures(whole) as Report));
  const flags = [
    ...reader.flags,
    ...(arrival.flags ?? []),
    ...lost.unreadable.map((kind) => `picture-unreadable:${kind}`),
    ...lost.second.map((kind) => `second-picture:${kind}`),
    ...truncated.map((kind) => `picture-truncated:${kind}`),
    ...reading.unreadable.map(unreadableFlag),
    ...truncations,
  ];
  return {
    eventId: idOf("evt", parts),
    get twinId() {
      return twinOf(fingerprint);
    },
    fingerprint,
    ...(earlier !== fingerprint && {
      earlier: {
        fingerprint: earlier,
        get twinId() {
          return twinOf(earlier);
        },
      },
    }),
    report: { ...report, ...omitEmpty({ flags }) },
    pictures: decoded,
    keepWhole: reasonToKeep({
      picture: lost.unreadable.length + lost.second.length > 0,
      cut: truncations.length > 0,
      part: own.hasFiles || beside.hasFiles,
    }),
  };
}

function reasonToKeep(lacks: Record<NonNullable<Passing["keepWhole"]>, boolean>): Passing["keepWhole"] {
  return (["picture", "cut", "part"] as const).find((reason) => lacks[reason]) ?? null;
}

/** An object without texts that are files, and whether it had some: an event has pictures, and no other bytes. */
function withoutFiles(value: JsonObject, files: Arrival["files"]): { rest: JsonObject; hasFiles: boolean } {
  const found = files === undefined ? [] : leavesIn(value, []).filter(({ leaf }) => files.has(leaf));
  const rest = found.length === 0 ? value : withoutValues(value, treeOf(found.map(({ steps }) => steps)));
  return { rest, hasFiles: found.length > 0 };
}

function leavesIn(value: Json, steps: Steps): { steps: Steps; leaf: string }[] {
  if (typeof value === "string") return [{ steps, leaf: value }];
  if (typeof value !== "object" || value === null) return [];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return inner.flatMap(([step, child]) => leavesIn(child, [...steps, step]));
}

/** Repeats of a terminal may have other counters and no picture, so their fingerprint follows from the identity. */
function nameOfTerminal(
  box: string,
  report: Report,
  { own, variant = "" }: Pick<ReadReport, "own" | "variant">,
  identity: () => string,
) {
  const parts = terminalIdentityOf(box, report, own, identity);
  return { parts, fingerprint: hash("sha256", JSON.stringify([...parts, variant])) };
}

/**
 * Drops times of entering and leaving that cannot be used. Returns the paths of all unusable times: `extra` keeps them.
 */
function usableTimes(
  sent: Facts,
  timesAt: ReadReport["timesAt"],
  receivedAt: number,
): { facts: Facts; unusable: Steps[] } {
  const facts = { ...sent };
  const unusable: Steps[] = [];
  for (const name of ["time", "enteredAt", "leftAt"] as const) {
    const path = timesAt[name];
    if (path === undefined || isUsableTime(sent[name], receivedAt)) continue;
    unusable.push(path);
    // The time itself stays, because the identity is made of it. `merge` shows the time of receipt instead.
    if (name !== "time") delete facts[name];
  }
  return { facts, unusable };
}

function extraOf(body: Json, extra: JsonObject, kept: readonly Steps[]): JsonObject {
  for (const path of kept) {
    const value = valueOn(body, path);
    if (value !== undefined && value !== null) putBack(extra, path, value);
  }
  return extra;
}
