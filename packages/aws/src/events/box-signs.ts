import { type BoxSign, signOfNotice, signOfReport } from "@gatepost/core/boxes";
import { boxStatusKinds, isObject, jsonIn, parseStored, storedJson } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import * as z from "zod/mini";
import { textOf } from "../dynamo/item.ts";
import { eventOf } from "./row.ts";

const notice = z.object({ box: z.string(), kind: z.enum(boxStatusKinds), receivedAt: z.int(), report: z.string() });
const quarantined = z.object({
  box: z.string(),
  receivedAt: z.int(),
  event: storedJson(z.nullable(z.looseObject({}))),
});

/**
 * The signs of a box in a changed row: an event gives one for each report that it got, a notice gives itself, and a
 * quarantine record gives one for a report that was not understood, unless an event was made of it. A row gives no sign
 * where it was removed, or where only actions or index keys changed.
 *
 * @example
 * await boxes.note(changesIn(streamEvent).flatMap(signsIn));
 */
export function signsIn({ before, after }: { before: Item | undefined; after: Item | undefined }): BoxSign[] {
  if (after === undefined) return [];
  const pk = textOf(after, "pk");
  if (pk.startsWith("evt_")) return reportsIn(before, after);
  if (pk.startsWith("notice ")) return noticeIn(before, after);
  return pk.startsWith("qrt_") && before === undefined ? unreadIn(after) : [];
}

function reportsIn(before: Item | undefined, after: Item): BoxSign[] {
  const { box, reports } = eventOf(after);
  const known = before === undefined ? [] : eventOf(before).reports;
  const isNew = ({ kind, receivedAt }: (typeof reports)[number]) =>
    !known.some((one) => one.kind === kind && one.receivedAt === receivedAt);
  return reports.filter(isNew).map((report) => signOfReport(box, report));
}

function noticeIn(before: Item | undefined, after: Item): BoxSign[] {
  const { box, kind, receivedAt, report } = parseStored(notice, after, textOf(after, "pk"));
  if (before?.["receivedAt"] === receivedAt) return [];
  const said = jsonIn(report);
  return [signOfNotice({ box, kind, receivedAt, report: isObject(said) ? said : {} })];
}

function unreadIn(after: Item): BoxSign[] {
  const { box, receivedAt, event } = parseStored(quarantined, after, textOf(after, "pk"));
  // A report that was understood in part is a report of its event.
  return event === null ? [{ box, receivedAt, kind: "unread" }] : [];
}
