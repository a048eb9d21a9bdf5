import type { Upsert } from "@gatepost/core/events";
import {
  merge,
  monthOf,
  parseStored,
  personKey,
  picturesOfReport,
  type Report,
  type ReportKind,
  reportKinds,
  reportSchema,
  type StoredEvent,
  storedJson,
  toStoredJson,
} from "@gatepost/protocol";
import { absent, all, type Change, equals, type Item, placeAt, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { missingOrLiveAt } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardFor } from "../dynamo/lists.ts";
import { refAttribute, refsIn } from "../pictures/refs.ts";
import { actionAttributes, actionsOf, hasAction } from "./action-attributes.ts";

/** Kinds of report as words that expressions may hold. */
const words = {
  history: "history",
  "pass-record": "pass_record",
  live: "live",
  backfill: "backfill",
  realtime: "realtime",
} as const satisfies Record<ReportKind, string>;

const eventRow = z.lazy(() => {
  const reportText = z.optional(storedJson(reportSchema));
  const reportTexts = {
    r_history: reportText,
    r_pass_record: reportText,
    r_live: reportText,
    r_backfill: reportText,
    r_realtime: reportText,
  } satisfies Record<`r_${(typeof words)[ReportKind]}`, typeof reportText>;
  return z.object({
    pk: z.string(),
    box: z.string(),
    twin: z.optional(z.union([z.literal(1), z.string()])),
    ...reportTexts,
  });
});

/** The event in a row. Throws an error with the id of the event if its row is broken. */
export function eventOf(row: Item): StoredEvent {
  const { pk, box, twin, ...texts } = parseStored(eventRow, row, `event ${row["pk"]}`);
  return {
    id: pk,
    box,
    isSecondFace: twin !== undefined,
    reports: reportKinds.flatMap((kind) => texts[`r_${words[kind]}` as const] ?? []),
    actions: actionsOf(row),
  };
}

/** The first month that has pictures of an event, as `2026-11`: the month of its first receipt. */
export function firstMonthOf(row: Item): string {
  const months = eventOf(row).reports.flatMap((report) => [
    monthOf(report.receivedAt),
    ...picturesOfReport("", report).map(({ month }) => month),
  ]);
  return months.reduce((first, month) => (month < first ? month : first));
}

export function fingerprintOf(row: Item, kind: ReportKind): string | undefined {
  const name = fingerprintAttribute(kind);
  return parseStored(z.optional(z.string()), row[name], `${name} of event ${row["pk"]}`);
}

function fingerprintAttribute(kind: ReportKind): string {
  return `s_${words[kind]}`;
}

/**
 * Writes a report into the row of its event, and makes the row if needed. The first report sets the identity of the
 * event, which all its reports share. Each kind of report has its own attribute, so none has to be read to write
 * another.
 *
 * @param sequence of the write, for the feed of changes
 */
export function upsertUpdate(entry: Upsert, sequence: string) {
  const { eventId, box, isSecondFace, firstFace = 1, report, fingerprint, action, now, expiresAt } = entry;
  const kept: Item = {
    ...changeAttributes(eventId, sequence),
    [`r_${words[report.kind]}`]: toStoredJson(reportSchema, report, `event ${eventId}`),
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
      ...(isSecondFace ? { twin: firstFace } : {}),
      made: sequence,
      ttl: ttlAt(expiresAt),
      byTime: shardFor(lists.events, eventId),
      byBox: shardFor(lists.ofBox(box), eventId),
      ...indexKeysOf(alone),
      ...refAttribute(eventId, refsIn(report)),
      ...(action === null ? {} : actionAttributes(eventId, action)),
    },
    add: { rev: 1 },
    when: all(absent(fingerprintAttribute(report.kind)), missingOrLiveAt(now)),
  } satisfies Change;
}

/**
 * A repeat adds members to the stored report, an action that the event lacks, or both. Refused if the row has changed
 * since it was read.
 *
 * @param filled the held report with the additions of the repeat; null if that is the action alone
 */
export function repeatUpdate(
  { eventId, report, fingerprint, action }: Upsert,
  { held, filled, sequence }: { held: Item; filled: Report | null; sequence: string },
): Change {
  const isNew = action !== null && !hasAction(held, action.wantAction);
  return {
    pk: eventId,
    set: {
      ...changeAttributes(eventId, sequence),
      ...(filled === null
        ? {}
        : {
            [`r_${words[report.kind]}`]: toStoredJson(reportSchema, filled, `event ${eventId}`),
            [fingerprintAttribute(report.kind)]: fingerprint,
          }),
      ...(isNew ? actionAttributes(eventId, action) : {}),
    },
    ...(filled === null ? {} : { add: { rev: 1 } }),
    when: all(equals("rev", changeIn(held).rev), ...(isNew ? [absent(`a_${action.wantAction}`)] : [])),
  };
}

const change = z.lazy(() => z.object({ made: z.string(), changed: z.string(), rev: z.number() }));

/** When an event was made, when it changed last, and how often it was written. */
export function changeIn(row: Item): z.output<typeof change> {
  return parseStored(change, row, `event ${row["pk"]}`);
}

/** The index keys that the reports of an event together decide. */
export function indexKeysOf(event: StoredEvent): { at: string; byPerson?: string } {
  const { timestamp, person } = merge(event);
  const at = placeAt(timestamp, event.id);
  const key = personKey(person);
  return key === null ? { at } : { at, byPerson: shardFor(lists.ofPerson(key), event.id) };
}

/*
 * The feed of changes is an index by the sequence of an event's latest change. `made` is the sequence of the write that
 * made the event. The sequence is taken right before each write, from the clock of the process that writes.
 */

/** Moves the event to the end of the feed. Every write that the feed must show sets these attributes. */
export function changeAttributes(eventId: string, sequence: string): Item {
  return { byChange: shardFor(lists.changes, eventId), changed: changeKey(sequence, eventId) };
}

export function changeKey(sequence: string, eventId: string): string {
  return `${sequence} ${eventId}`;
}
