import { minuteMs, omitAbsent, secondMs } from "@gatepost/protocol";
import type { Subject } from "../message/subject.ts";
import {
  aboutEvents,
  aboutOthers,
  type FoldedItem,
  type FoldReason,
  type NamedCounts,
  type SummaryState,
} from "./state.ts";

/** After an alert, and while a summary gathers, entries within so many ms share one alert. */
export const burstMs = 10 * secondMs;

/**
 * A summary is sent when nothing has come for 10 s, and after 5 minutes in any case: after one if several boxes are in
 * it, so that a box that floods does not hold up the others.
 */
const maxSummaryMs = 5 * minuteMs;
const maxSummaryOfSeveralMs = minuteMs;

/** Repeats of one person at one device that are worth a message. Fewer are only counted in the deliveries. */
const minRepeats = 10;

/** Entries that a summary names one by one, and places and boxes that it counts. */
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
  const gathered = {
    ...before,
    last: now,
    reasons: { ...before.reasons, [reason]: before.reasons[reason] + 1 },
    quietUntil: reason === "quiet" ? until : before.quietUntil,
    cooldownUntil: reason === "cooldown" ? before.cooldownUntil || until : before.cooldownUntil,
    byType: raised(before.byType, subject.personType ?? subject.about),
    // A target is no place.
    ...(subject.target === undefined && {
      byPlace: raisedWithin(before.byPlace, subject.device ?? subject.box),
      byBox: raisedWithin(before.byBox, subject.box),
    }),
    items: withItem(before.items, itemOf(subject)),
  };
  // After a failed try its pause is kept.
  return { ...gathered, dueAt: Math.max(dueOf(gathered), before.tries > 0 ? before.dueAt : 0) };
}

export function countOf({ reasons }: Pick<SummaryState, "reasons">): number {
  return reasons.storm + reasons.quiet + reasons.cooldown;
}

/** Whether the summary is worth a message. */
export function isWorthTelling({ reasons }: Pick<SummaryState, "reasons">): boolean {
  return reasons.storm + reasons.quiet > 0 || reasons.cooldown >= minRepeats;
}

/** The entries that joined a summary after it was read to be sent; null if there are none. */
export function without(now: SummaryState, sent: SummaryState): SummaryState | null {
  const { storm, quiet, cooldown } = sent.reasons;
  const reasons = {
    storm: now.reasons.storm - storm,
    quiet: now.reasons.quiet - quiet,
    cooldown: now.reasons.cooldown - cooldown,
  };
  const left = {
    ...now,
    reasons,
    since: sent.last,
    tries: 0,
    failedAt: null,
    byType: lessened(now.byType, sent.byType),
    byPlace: lessened(now.byPlace, sent.byPlace),
    byBox: lessened(now.byBox, sent.byBox),
    items: withoutItems(now.items, sent.items),
  };
  return countOf(left) <= 0 ? null : { ...left, dueAt: dueOf(left) };
}

/** The items that are not in an earlier state. */
export function withoutItems(items: readonly FoldedItem[], sent: readonly FoldedItem[]): FoldedItem[] {
  const gone = sent.map((item) => JSON.stringify(item));
  return items.filter((item) => {
    const at = gone.indexOf(JSON.stringify(item));
    if (at !== -1) gone.splice(at, 1);
    return at === -1;
  });
}

/** The items with one more. If there are enough, the first of a box takes the place of the last further one of another. */
function withItem(items: readonly FoldedItem[], item: FoldedItem): FoldedItem[] {
  if (items.length < maxItems) return [...items, item];
  const boxes = items.map(boxOf);
  const further = boxes.findLastIndex((box, at) => boxes.indexOf(box) < at);
  if (boxes.includes(boxOf(item)) || further === -1) return [...items];
  return [...items.toSpliced(further, 1), item];
}

function boxOf(item: FoldedItem): string {
  return "event" in item ? item.from : item.box;
}

function lessened(counts: NamedCounts, by: NamedCounts): NamedCounts {
  const taken = new Map(by);
  return counts.flatMap(([name, count]): NamedCounts => {
    const left = count - (taken.get(name) ?? 0);
    return left > 0 ? [[name, left]] : [];
  });
}

/** Whether more of a storm is gathered now. */
export function isGathering(summary: SummaryState | null): boolean {
  return summary !== null && summary.reasons.storm > 0;
}

/**
 * Whether a summary includes a blacklisted person, for whom the channel had no room: it does not wait for quiet hours.
 */
export function hasBlacklist({ reasons, byType }: Pick<SummaryState, "reasons" | "byType">): boolean {
  return reasons.storm > 0 && byType.some(([type]) => type === "blacklist");
}

function dueOf(summary: Omit<SummaryState, "dueAt">): number {
  const { since, last, quietUntil, cooldownUntil, reasons, byBox } = summary;
  const longest = byBox.length > 1 ? maxSummaryOfSeveralMs : maxSummaryMs;
  if (reasons.storm === 0) return reasons.quiet > 0 ? quietUntil : cooldownUntil;
  return Math.max(Math.min(last + burstMs, Math.max(since + longest, last)), hasBlacklist(summary) ? 0 : quietUntil);
}

function emptySummary(now: number): SummaryState {
  return {
    since: now,
    last: now,
    dueAt: 0,
    quietUntil: 0,
    cooldownUntil: 0,
    reasons: { storm: 0, quiet: 0, cooldown: 0 },
    byType: [],
    byPlace: [],
    byBox: [],
    items: [],
    tries: 0,
    failedAt: null,
  };
}

function raisedWithin(counts: NamedCounts, name: string): NamedCounts {
  const isCounted = counts.length < maxPlaces || counts.some(([known]) => known === name);
  return raised(counts, isCounted ? name : elsewhere);
}

function raised(counts: NamedCounts, name: string): NamedCounts {
  const isNew = counts.every(([known]) => known !== name);
  return isNew ? [...counts, [name, 1]] : counts.map(([known, count]) => [known, known === name ? count + 1 : count]);
}

function itemOf({ event, about, late, box, device, at, roll, target }: Subject): FoldedItem {
  const ofEvent = aboutEvents.find((one) => one === about);
  if (event !== null && ofEvent !== undefined) return { event: event.id, about: ofEvent, late, from: box };
  const ofOther = aboutOthers.find((one) => one === about) ?? "silent";
  return { box, device, about: ofOther, at, ...omitAbsent({ roll, target }) };
}
