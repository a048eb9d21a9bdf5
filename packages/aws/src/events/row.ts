import type { Upsert } from "@gatepost/ingest";
import { knownPerson, merge, type Report, type ReportKind, reportKinds, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod/mini";
import { ttlAt, ttlOver } from "../dynamo/expiry.ts";
import { indexKey, lists, shardFor } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import type { ItemUpdate } from "../dynamo/item-update.ts";
import { picturesOf, refAttributes } from "../pictures/refs.ts";
import { actionAttributes, actionsOf, hasAction } from "./action-attributes.ts";
import { changeAttributes } from "./change-attributes.ts";

const head = z.object({ pk: z.string(), box: z.string(), twin: z.optional(z.literal(1)) });

/** The event that a row holds. */
export function eventOf(row: Item): StoredEvent {
  const { pk, box, twin } = head.parse(row);
  return {
    id: pk,
    box,
    isSecondFace: twin === 1,
    reports: reportKinds.flatMap((kind) => reportOf(row, kind)),
    actions: actionsOf(row),
  };
}

export function fingerprintOf(row: Item, kind: ReportKind): string | undefined {
  const fingerprint = row[fingerprintAttribute(kind)];
  return fingerprint === undefined ? undefined : String(fingerprint);
}

export function fingerprintAttribute(kind: ReportKind): string {
  return `s_${word(kind)}`;
}

/**
 * A report joins its event or makes it. What all reports of an event share, being its identity, is set by the first. An
 * attribute for each kind of report, so that none has to be read to write another.
 *
 * @param moment at which it is written, for the feed of changes
 */
export function upsertUpdate(entry: Upsert, sequence: string) {
  const { eventId, box, isSecondFace, report, fingerprint, action, now, expiresAt } = entry;
  const kept: Item = {
    ...changeAttributes(eventId, sequence),
    [`r_${word(report.kind)}`]: JSON.stringify(report),
    [fingerprintAttribute(report.kind)]: fingerprint,
  };
  const alone: StoredEvent = {
    id: eventId,
    box,
    isSecondFace,
    reports: [report],
    actions: action === null ? [] : [action],
  };
  return {
    pk: eventId,
    set: kept,
    setIfAbsent: {
      box,
      ...(isSecondFace ? { twin: 1 } : {}),
      made: sequence,
      ttl: ttlAt(expiresAt),
      byTime: shardFor(lists.events, eventId),
      byBox: shardFor(lists.ofBox(box), eventId),
      ...indexKeysOf(alone),
      ...refAttributes(eventId, picturesOf(report)),
      ...(action === null ? {} : actionAttributes(eventId, action)),
    },
    add: { rev: 1 },
    condition: `attribute_not_exists(#${fingerprintAttribute(report.kind)}) AND (attribute_not_exists(#ttl) OR #ttl > :now)`,
    values: { now: ttlOver(now) },
  } satisfies ItemUpdate;
}

/**
 * A repeat fills in the report that the row holds, brings an action that the event has not, or both. Refused where the
 * row has changed since it was read.
 *
 * @param filled the held report with what the repeat brings; null where that is the action alone
 */
export function repeatUpdate(
  { eventId, report, fingerprint, action }: Upsert,
  { held, filled, sequence }: { held: Item; filled: Report | null; sequence: string },
): ItemUpdate {
  const isNew = action !== null && !hasAction(held, action.wantAction);
  return {
    pk: eventId,
    set: {
      ...changeAttributes(eventId, sequence),
      ...(filled === null
        ? {}
        : {
            [`r_${word(report.kind)}`]: JSON.stringify(filled),
            [fingerprintAttribute(report.kind)]: fingerprint,
          }),
      ...(isNew ? actionAttributes(eventId, action) : {}),
    },
    ...(filled === null ? {} : { add: { rev: 1 } }),
    condition: `#rev = :rev${isNew ? ` AND attribute_not_exists(#a_${action.wantAction})` : ""}`,
    values: { rev: Number(held["rev"]) },
  };
}

/** Where an event stands in the lists, as far as its reports together decide it. */
export function indexKeysOf(event: StoredEvent): { at: string; byPerson?: string } {
  const { timestamp, person } = merge(event);
  const at = indexKey(timestamp, event.id);
  const known = knownPerson(person);
  return known === null ? { at } : { at, byPerson: shardFor(lists.ofPerson(known), event.id) };
}

/** The report of a kind that a row holds, if it holds one. */
export function reportOf(row: Item, kind: ReportKind): Report[] {
  const text = row[`r_${word(kind)}`];
  return text === undefined ? [] : [JSON.parse(String(text))];
}

/** A kind of report as a word that expressions may hold. */
function word(kind: ReportKind): string {
  return kind.replace("-", "_");
}
