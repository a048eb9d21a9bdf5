import { type BoxNotes, type BoxSign, signOfNotice, signOfReport } from "@gatepost/core/boxes";
import type { Log } from "@gatepost/core/log";
import { boxStatusKinds, isObject, jsonIn, parseStored, storedJson } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import * as z from "zod/mini";
import type { Pulse } from "../boxes/pulse.ts";
import { textOf } from "../dynamo/item.ts";
import { eventOf } from "./row.ts";

interface Changed {
  before: Item | undefined;
  after: Item | undefined;
}

interface Deps {
  notes: BoxNotes;
  pulse: Pulse;
  log: Log;
}

/** Notes signs of boxes from the stream of the table, at most once a minute for each box. */
export class SignReader {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Throws if a store fails; then the batch is delivered again. Repeated signs cause no pause and no silence. Only the
   * share of flagged reports counts them twice, which hardly changes it.
   */
  async note(changes: readonly Changed[]): Promise<void> {
    const { notes, pulse } = this.#deps;
    await notes.addBatch(changes.flatMap((changed) => this.#signsIn(changed)));
    // Everything before a pulse is noted by now, so the pulse may be written back.
    await pulse.hear(changes);
  }

  /** A row that cannot be read must not hold up all later ones. */
  #signsIn(changed: Changed): BoxSign[] {
    try {
      return signsIn(changed);
    } catch (cause) {
      this.#deps.log.error("a sign of a box was not noted", { cause });
      return [];
    }
  }
}

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
export function signsIn({ before, after }: Changed): BoxSign[] {
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
