import { minuteMs, secondMs } from "@gatepost/protocol";
import type { Subject } from "../message/subject.ts";
import type { Counts, FoldedItem, FoldReason, SummaryState } from "./state.ts";

/** After an alert, and while a summary gathers, what comes within so many ms is told of together. */
export const burstMs = 10 * secondMs;

/** A summary is sent when nothing has come for 10 s, and after 5 minutes in any case. */
const maxSummaryMs = 5 * minuteMs;

/** Repeats of one person at one device that are worth a message. Fewer are only counted in the deliveries. */
const minRepeats = 10;

/** Entries that a summary names one by one, and places that it counts. */
const maxItems = 5;
const maxPlaces = 20;

const elsewhere = "…";

interface Fold {
  reason: FoldReason;
  subject: Subject;
  now: number;
  /** When what the reason is about ends: the cooldown, the quiet hours. */
  until: number;
}

/** The summary with one more entry. */
export function folded(held: SummaryState | null, { reason, subject, now, until }: Fold): SummaryState {
  const before = held ?? emptySummary(now);
  const place = subject.device ?? subject.box;
  const isCounted = before.byPlace.length < maxPlaces || before.byPlace.some(([name]) => name === place);
  const gathered = {
    ...before,
    last: now,
    reasons: { ...before.reasons, [reason]: before.reasons[reason] + 1 },
    quietUntil: reason === "quiet" ? until : before.quietUntil,
    cooldownUntil: reason === "cooldown" ? before.cooldownUntil || until : before.cooldownUntil,
    byType: raised(before.byType, subject.personType ?? subject.about),
    byPlace: raised(before.byPlace, isCounted ? place : elsewhere),
    items: before.items.length < maxItems ? [...before.items, itemOf(subject)] : before.items,
  };
  // After a failed try its pause is kept.
  return { ...gathered, dueAt: Math.max(dueOf(gathered), before.tries > 0 ? before.dueAt : 0) };
}

export function countOf({ reasons }: Pick<SummaryState, "reasons">): number {
  return reasons.storm + reasons.quiet + reasons.cooldown;
}

/** Whether somebody should get a message of it. */
export function isWorthTelling({ reasons }: Pick<SummaryState, "reasons">): boolean {
  return reasons.storm + reasons.quiet > 0 || reasons.cooldown >= minRepeats;
}

/** What joined a summary after it was read to be sent; null where nothing did. */
export function without(now: SummaryState, sent: SummaryState): SummaryState | null {
  const { storm, quiet, cooldown } = sent.reasons;
  const reasons = {
    storm: now.reasons.storm - storm,
    quiet: now.reasons.quiet - quiet,
    cooldown: now.reasons.cooldown - cooldown,
  };
  const left = {
    ...now,
    ...{ reasons, since: sent.last, tries: 0, failedAt: null },
    byType: lessened(now.byType, sent.byType),
    byPlace: lessened(now.byPlace, sent.byPlace),
    items: now.items.slice(sent.items.length),
  };
  return countOf(left) <= 0 ? null : { ...left, dueAt: dueOf(left) };
}

function lessened(counts: Counts, by: Counts): Counts {
  const taken = new Map(by);
  return counts.flatMap(([name, count]): Counts => {
    const left = count - (taken.get(name) ?? 0);
    return left > 0 ? [[name, left]] : [];
  });
}

/** Whether more of a storm is gathered now. */
export function isGathering(summary: SummaryState | null): boolean {
  return summary !== null && summary.reasons.storm > 0;
}

/** Whether a summary has somebody on the blacklist, whom the channel had no room for: it waits for no quiet hours. */
export function hasBlacklist({ reasons, byType }: Pick<SummaryState, "reasons" | "byType">): boolean {
  return reasons.storm > 0 && byType.some(([type]) => type === "blacklist");
}

function dueOf(summary: Omit<SummaryState, "dueAt">): number {
  const { since, last, quietUntil, cooldownUntil, reasons } = summary;
  if (reasons.storm === 0) return reasons.quiet > 0 ? quietUntil : cooldownUntil;
  return Math.max(
    Math.min(last + burstMs, Math.max(since + maxSummaryMs, last)),
    hasBlacklist(summary) ? 0 : quietUntil,
  );
}

function emptySummary(now: number): SummaryState {
  return {
    ...{ since: now, last: now, dueAt: 0, quietUntil: 0, cooldownUntil: 0 },
    reasons: { storm: 0, quiet: 0, cooldown: 0 },
    ...{ byType: [], byPlace: [], items: [], tries: 0, failedAt: null },
  };
}

function raised(counts: Counts, name: string): Counts {
  const isNew = counts.every(([known]) => known !== name);
  return isNew ? [...counts, [name, 1]] : counts.map(([known, count]) => [known, known === name ? count + 1 : count]);
}

function itemOf({ event, about, late, box, device, at }: Subject): FoldedItem {
  if (event !== null && about !== "silent" && about !== "recovered" && about !== "test") {
    return { event: event.id, about, late };
  }
  return { box, device, about: about === "recovered" ? "recovered" : "silent", at };
}
