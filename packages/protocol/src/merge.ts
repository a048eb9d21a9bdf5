import { isUnknownAction, isWantAction } from "./action.ts";
import { isTypeUnreadable } from "./claims.ts";
import { splitEndpoint } from "./device.ts";
import { minuteMs } from "./durations.ts";
import type { EventAction, FaceEvent } from "./event.ts";
import { type Facts, type ReportKind, reportKinds } from "./facts.ts";
import { instant, instantOrNull, isIsoTime, isUsableTime, monthOf } from "./instant.ts";
import { canonicalJson, isObject, type Json, type JsonObject } from "./json.ts";
import { set } from "./paths.ts";
import { expiredFlag, flaggedPicture, type PictureFacts, type PictureKind, pictureKinds } from "./picture.ts";
import type { Report } from "./report.ts";

/** An event as a store keeps it. */
export interface StoredEvent {
  id: string;
  box: string;
  /** Whether another face, from a report of the same kind, already had this identity. */
  isSecondFace: boolean;
  reports: readonly Report[];
  actions: readonly EventAction[];
}

/**
 * Makes an event from its reports. Order and repetition of reports do not matter. If reports differ, the more reliable
 * kind wins (history > pass-record > live > backfill > realtime). A value wins over no value, and an action over "0"
 * and no value.
 *
 * @example
 * const event = merge({ id, box: "gate-1", isSecondFace: false, reports: [realtime, history], actions: [] });
 */
export function merge({ id, box, isSecondFace, reports, actions }: StoredEvent): FaceEvent {
  const ranked = rank(reports);
  const facts = [...ranked, lastResort(ranked)].reduce<Json>(over, null) as Known;
  const [score, scoreScale] = facts.score ?? [null, null];
  const receivedAt = Math.min(...reports.map((report) => report.receivedAt));
  const { flags, ...times } = timesOf(ranked, receivedAt);
  const inOrder = [...actions].sort((a, b) => compare(a.wantAction, b.wantAction));
  return {
    id,
    time: instant(times.timestamp),
    timestamp: times.timestamp,
    receivedAt: instant(receivedAt),
    reportedTime: times.reportedTime,
    clockOffsetMs: times.clockOffsetMs,
    enteredAt: instantOrNull(facts.enteredAt),
    leftAt: instantOrNull(facts.leftAt),
    result: facts.result,
    reason: facts.reason,
    method: facts.method,
    card: facts.card,
    box: { id: box, serial: facts.serial ?? serialIn(facts.device.endpoint), name: null, site: null },
    device: facts.device,
    person: facts.person,
    score,
    scoreScale,
    wantAction: wantActionOf(ranked, inOrder),
    actions: inOrder,
    pictures: picturesOf(id, facts.pictures),
    quality: facts.quality,
    attributes: facts.attributes,
    acknowledgement: null,
    reports: ranked.map((report) => ({
      kind: report.kind,
      dialect: report.dialect,
      dialectName: report.dialectName ?? null,
      receivedAt: instant(report.receivedAt),
      brought: pictureKinds.filter((kind) => report.pictures?.[kind] !== undefined || hasExpired(report, kind)),
    })),
    flags: flagsOf(
      [...flags, ...deniedFlag(facts), ...unknownActionFlag(ranked), ...(isSecondFace ? ["same-person-twice"] : [])],
      ranked,
    ),
    extra: facts.extra,
  };
}

/** A stored picture, with all that its store needs to find it. */
export type LocatedPicture = PictureFacts & {
  /** The id of its event. */
  event: string;
  /** The kind of the report that brought it first. */
  report: ReportKind;
  kind: PictureKind;
  /** The month under which it is stored: the month in which its report was received, unless the report says another. */
  month: string;
};

/** Finds the picture that `merge` shows as `kind`. */
export function locatePicture(
  { id, reports }: Pick<StoredEvent, "id" | "reports">,
  kind: PictureKind,
): LocatedPicture | null {
  for (const report of rank(reports)) {
    const picture = report.pictures?.[kind];
    if (picture !== undefined) return { ...located(id, report), ...picture, kind };
  }
  return null;
}

/** All pictures that a report names. */
export function picturesOfReport(event: string, report: Report): LocatedPicture[] {
  return pictureKinds.flatMap((kind) => {
    const picture = report.pictures?.[kind];
    return picture === undefined ? [] : [{ ...located(event, report), ...picture, kind }];
  });
}

function located(event: string, { kind: report, receivedAt }: Report) {
  return { event, report, month: monthOf(receivedAt) };
}

function hasExpired({ flags = [] }: Report, kind: PictureKind): boolean {
  return flags.includes(expiredFlag(kind));
}

/** The facts that have members. */
type Group = "device" | "person" | "quality" | "attributes";

/** The facts about how a terminal let the person pass, or did not. */
type Passed = "result" | "reason" | "method" | "card";

/**
 * The value of a fact that no report has. The compiler compares its members with the members of an event and of a
 * report.
 */
const nothing = {
  enteredAt: null,
  leftAt: null,
  result: null,
  reason: null,
  method: null,
  card: null,
  serial: null,
  device: { id: null, ip: null, type: null, name: null, endpoint: null, direction: null, label: null },
  person: { id: null, name: null, type: "employee", group: null, info: {} },
  score: null,
  pictures: {},
  quality: { registrable: null, box: {}, grab: {} },
  attributes: { age: null, gender: null, glasses: null, faceBox: [], temperature: null, mask: null },
  extra: {},
} satisfies Pick<FaceEvent, Group | Passed | "enteredAt" | "leftAt" | "score" | "pictures" | "extra"> & {
  serial: null;
} satisfies { [K in Group]: Record<keyof NonNullable<Facts[K]>, unknown> & JsonObject } & JsonObject;

/** The defaults. A person without a type is an employee, but one whose sent type cannot be read is "unknown". */
function lastResort(reports: readonly Report[]): JsonObject {
  const isUnreadable = reports.some(({ flags }) => isTypeUnreadable(flags));
  return isUnreadable ? { ...nothing, person: { ...nothing.person, type: "unknown" } } : nothing;
}

/**
 * The serial of a box if no report names it: the part of ep_id before the address. It may be a MAC or a UUID.
 * docs/formats.md §6. It is not stored with a report, so that a report that names the serial always counts.
 */
function serialIn(endpoint: string | null): string | null {
  return splitEndpoint(endpoint ?? "").serial || null;
}

/** The facts of all reports laid over `nothing`. */
type Known = Pick<FaceEvent, Group | Passed | "extra"> & {
  [K in "enteredAt" | "leftAt" | "serial" | "score"]: NonNullable<Report[K]> | null;
} & { pictures: NonNullable<Report["pictures"]> };

/** One report of each kind, the most reliable first. If there are several of one kind, the first received counts. */
function rank(reports: readonly Report[]): Report[] {
  if (reports.length === 1) return [...reports];
  const byKind = new Map<Report["kind"], Report>();
  const inOrder = [...reports].sort((a, b) => a.receivedAt - b.receivedAt || compare(content(a), content(b)));
  for (const report of inOrder) if (!byKind.has(report.kind)) byKind.set(report.kind, report);
  return reportKinds.flatMap((kind) => byKind.get(kind) ?? []);
}

function content(report: Report): string {
  return canonicalJson(report);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `first`, completed from `second` at any depth. Texts and lists are not combined. */
function over(first: Json, second: Json): Json {
  if (first === null) return second;
  if (!isObject(first) || !isObject(second)) return first;
  const merged: JsonObject = { ...second };
  for (const key of Object.keys(first)) {
    const value = first[key] ?? null;
    const other = Object.hasOwn(second, key) ? second[key] : undefined;
    set(merged, key, other === undefined ? value : over(value, other));
  }
  return merged;
}

/** A sent time is flagged as ahead if it is more than this (ms) after the first receipt. */
const aheadAfterMs = minuteMs;

/** The time that is shown, the time that was sent, and the flag of a clock that is wrong. */
function timesOf(ranked: readonly Report[], receivedAt: number) {
  const timed = ranked.find(({ time }) => time !== undefined);
  const usable = timed !== undefined && isUsableTime(timed.time, timed.receivedAt) ? timed.time : null;
  const flags = usable === null ? ["clock"] : usable - receivedAt > aheadAfterMs ? ["ahead"] : [];
  const reported = timed?.time !== undefined && isIsoTime(timed.time) ? timed.time : null;
  return {
    timestamp: usable ?? receivedAt,
    reportedTime: instantOrNull(reported),
    clockOffsetMs: reported === null || flags.length === 0 ? null : reported - receivedAt,
    flags,
  };
}

function wantActionOf(ranked: readonly Report[], actions: readonly EventAction[]): string | null {
  let requested: string | null = null;
  for (const { wantAction } of ranked) {
    if (wantAction === undefined) continue;
    if (isWantAction(wantAction)) return wantAction;
    requested ??= wantAction;
  }
  return actions[0]?.wantAction ?? requested;
}

function picturesOf(id: string, pictures: NonNullable<Report["pictures"]>): FaceEvent["pictures"] {
  const shown = Object.entries(pictures).map(([kind, { sha256, bytes, contentType }]) => [
    kind,
    { sha256, bytes, contentType, href: pictureHref(id, kind) },
  ]);
  return Object.fromEntries(shown);
}

/** The path of an event's picture in the API. */
export function pictureHref(id: string, kind: string): string {
  return `/v1/events/${id}/pictures/${kind}`;
}

/** The flag by which events of people who were not let in are found. */
function deniedFlag({ result }: Pick<Known, "result">): string[] {
  return result === "denied" ? ["denied"] : [];
}

/** The flag by which events are found whose box wants an action that is not known. */
function unknownActionFlag(reports: readonly Report[]): string[] {
  return reports.some(({ wantAction }) => isUnknownAction(wantAction)) ? ["unknown-action"] : [];
}

/** All flags. About the bytes of a picture that the event shows, only the report that brought it is heard. */
function flagsOf(flags: readonly string[], reports: readonly Report[]): string[] {
  const all = new Set(flags);
  for (const report of reports) {
    for (const flag of report.flags ?? []) {
      const kind = flaggedPicture(flag);
      const shown = kind === null ? undefined : reports.find(({ pictures }) => pictures?.[kind] !== undefined);
      if (shown === undefined || shown === report) all.add(flag);
    }
  }
  return all.size < 2 ? [...all] : [...all].sort();
}
