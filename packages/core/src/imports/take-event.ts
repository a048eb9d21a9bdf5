import { createHash } from "node:crypto";
import {
  actionId,
  actionNames,
  instant,
  type LocatedPicture,
  monthOf,
  type PictureFacts,
  picturesOfReport,
  type Report,
} from "@gatepost/protocol";
import { canonicalJson } from "../audit/entry.ts";
import type { EventReader } from "../events/reader.ts";
import type { ImportedAction, ImportedEvent, ImportPorts, PictureOfReport } from "./ports.ts";

/**
 * A digest of a box's facts in a report: the first 22 letters of a SHA-256 in base64url. It is equal in every store,
 * because it contains neither the time of receipt nor the places of pictures.
 */
export function reportDigest(report: Report): string {
  const { receivedAt: _, ...said } = withoutPlaces(report);
  return createHash("sha256").update(canonicalJson(said)).digest("base64url").slice(0, 22);
}

/** A report without the places of its pictures in a store. */
export function withoutPlaces({ pictures, ...report }: Report): Report {
  if (pictures === undefined) return report;
  const bare = Object.entries(pictures).map(([kind, facts]) => [kind, placeless(facts, report.receivedAt)]);
  return { ...report, pictures: Object.fromEntries(bare) };
}

/** The month is named only if it is not the month of the report. */
function placeless({ own: _, report: __, month: place, ...facts }: PictureFacts, receivedAt: number): PictureFacts {
  const month = place?.slice(0, "2026-11".length);
  return month === undefined || month === monthOf(receivedAt) ? facts : { ...facts, month };
}

/**
 * The result for an event that was sent. `conflict`: another passing here has a report of the same kind. `erased`: the
 * event was erased and must not be stored again. `pictures`: the pictures in `missing` must be sent first.
 */
export interface TakenEvent {
  outcome: "created" | "changed" | "same" | "conflict" | "erased" | "expired" | "pictures";
  missing: PictureOfReport[];
}

/**
 * Writes an event of another store. When it resolves, the event is durable, unless the outcome says why it was not
 * written.
 */
export async function takeEvent(event: ImportedEvent, ports: ImportPorts, now: number): Promise<TakenEvent> {
  if (event.expiresAt <= now) return { outcome: "expired", missing: [] };
  using held = await ports.suppression.of(event.box);
  const isErased = event.reports.some(({ report }) =>
    held.erasures.include(
      { eventId: event.id, twinId: event.id, report },
      { box: event.box, event: null, isReplay: true },
    ),
  );
  if (isErased) return { outcome: "erased", missing: [] };
  const pictures = event.reports.flatMap(({ report }) => picturesOfReport(event.id, withoutPlaces(report)));
  const there = await Promise.all(pictures.map((one) => ports.pictures.has(one)));
  const missing = pictures.filter((_, index) => there[index] === false);
  if (missing.length > 0) return { outcome: "pictures", missing: missing.map(named) };
  return { outcome: await write(event, ports, now), missing: [] };
}

function named({ event: eventId, report, kind, month, sha256 }: LocatedPicture): PictureOfReport {
  return { eventId, report, kind, month, sha256 };
}

async function write(
  event: ImportedEvent,
  ports: ImportPorts,
  now: number,
): Promise<"created" | "changed" | "same" | "conflict"> {
  const { id: eventId, box, isSecondFace, expiresAt } = event;
  const outcomes = new Set<string>();
  const upsert = async ({ report, fingerprint }: ImportedEvent["reports"][number], action: ImportedAction | null) => {
    const written = await ports.index.upsert({
      eventId,
      box,
      isSecondFace,
      fingerprint,
      replaces: null,
      isAwaited: false,
      now,
      expiresAt,
      report: withoutPlaces(report),
      action: action && {
        id: actionId(eventId, action.wantAction),
        name: actionNames[action.wantAction],
        at: instant(action.at),
        wantAction: action.wantAction,
        state: action.state,
        reason: action.reason,
      },
    });
    outcomes.add(written.outcome);
    if (written.enqueued) outcomes.add("changed");
  };
  const [first, ...others] = event.reports;
  if (first === undefined) return "same";
  await upsert(first, event.actions[0] ?? null);
  for (const report of others) await upsert(report, null);
  for (const action of event.actions.slice(1)) await upsert(first, action);
  if (outcomes.has("conflict")) return "conflict";
  for (const action of event.actions) if (await ports.setAction(eventId, action)) outcomes.add("changed");
  if (outcomes.has("created")) return "created";
  return ["merged", "filled", "changed"].some((outcome) => outcomes.has(outcome)) ? "changed" : "same";
}

/** An event of a store, in a form that is compared with another store. */
export interface HeldEvent {
  id: string;
  /** ms since 1970, exact to the second. */
  expiresAt: number;
  /** Digests of its reports by their kinds. */
  reports: Record<string, string>;
  /** When they were received, ms. */
  received: Record<string, number>;
  /** States of its actions. */
  actions: Record<string, string>;
  /** Pictures that it names and that are not there. */
  missing: number;
}

export async function heldEvents(
  ids: readonly string[],
  { events, ports }: { events: Pick<EventReader, "getAll">; ports: ImportPorts },
): Promise<HeldEvent[]> {
  const [found, expiries] = await Promise.all([events.getAll(ids), ports.expiries(ids)]);
  return Promise.all(
    [...found.values()].map(async ({ id, reports, actions }) => {
      const pictures = reports.flatMap((report) => picturesOfReport(id, report));
      const there = await Promise.all(pictures.map((one) => ports.pictures.has(one)));
      return {
        id,
        expiresAt: expiries.get(id) ?? 0,
        reports: Object.fromEntries(reports.map((report) => [report.kind, reportDigest(report)])),
        received: Object.fromEntries(reports.map(({ kind, receivedAt }) => [kind, receivedAt])),
        actions: Object.fromEntries(actions.map(({ wantAction, state }) => [wantAction, state])),
        missing: there.filter((isThere) => !isThere).length,
      };
    }),
  );
}
