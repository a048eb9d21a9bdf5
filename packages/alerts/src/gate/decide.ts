import { createHash } from "node:crypto";
import { hourMs, minuteMs } from "@gatepost/protocol";
import { isUrgent as isUrgentOf, type Subject } from "../message/subject.ts";
import { type QuietHours, quietUntil } from "../target/target.ts";
import type { ChannelState, CooldownState, FoldReason, RuleState } from "./state.ts";
import { burstMs, folded, isGathering } from "./summary-state.ts";

/** What the robots of WeCom and DingTalk take in a minute; the other channels get no more either. */
export const messagesAMinute = 20;

/** The part of these that is reserved for blacklist alerts. */
const keptForUrgent = 5;

/** The part of the rest that is reserved for the first alert of a box; a summary may use some of this, too. */
const keptForFirst = 5;
const keptFromSummaries = 2;

/** Alerts of one box in a minute: with the key of a box, a sender can post any number of events. */
const maxOfBox = 10;

/** The maximum mute time is an hour, plus a minute for another machine's clock. */
const maxMutedMs = hourMs + minuteMs;

/** A minute by the clock of a channel may be longer than ours. */
const countedMs = minuteMs + 2000;
const countedSecondMs = 1200;

/** Most ms for which a channel is left alone on its own request. */
export const maxClosedMs = 10 * minuteMs;

/** Gathered entries that are remembered: more than may be under way at the same time. */
const maxGathered = 30;

/** The gate's knowledge when an entry arrives. */
export interface Known {
  rule: RuleState | null;
  /** The last alert of this person at this device: its end, its entry, and whether it arrived. */
  cooldown: CooldownState | null;
  mutedUntil: number;
  /** The messages that were sent over the channel. */
  channel: ChannelState;
}

interface AskedAlert {
  entryId: string;
  subject: Subject;
  quiet: QuietHours | null;
  cooldownMs: number;
  /** ms for which another process may still be sending an alert that it has begun. */
  underWayMs: number;
  /** How many messages it takes, and how many the channel takes in one second. */
  messages: number;
  aSecond?: number | undefined;
  now: number;
}

export type Verdict =
  | { kind: "tell"; rule: RuleState; cooldown: CooldownState; channel: ChannelState }
  | { kind: "fold"; reason: FoldReason; rule: RuleState }
  /** The entry was gathered before, and arrives again. */
  | { kind: "folded"; reason: FoldReason }
  | { kind: "muted" }
  | { kind: "told" };

/**
 * Decides about an entry: an alert for it alone (`tell`), a later summary with others (`fold`), or nothing, because the
 * person is muted. A blacklist alert is never muted, never waits for the end of quiet hours, and is sent during a storm
 * while the channel accepts anything. A repeated entry is sent again if its alert failed, but not if the channel
 * accepted it or a summary contains it.
 */
export function decide(known: Known, asked: AskedAlert): Verdict {
  const { rule, cooldown } = known;
  const { entryId, subject, quiet, cooldownMs, underWayMs, messages, aSecond, now } = asked;
  const isUrgent = isUrgentOf(subject);
  const again = againOf(known, entryId);
  if (again !== null) return again;
  if (!isUrgent && isMuted(known.mutedUntil, now)) return { kind: "muted" };
  const fold = (reason: FoldReason, until: number): Verdict => {
    const summary = folded(rule?.summary ?? null, { reason, subject, now, until });
    const { toldAt, by, gathered } = rule ?? { toldAt: 0, by: "", gathered: [] };
    const withThis: RuleState["gathered"] = [...gathered, [digestOf(entryId), reason]];
    return { kind: "fold", reason, rule: { toldAt, by, summary, gathered: withThis.slice(-maxGathered) } };
  };
  const quietEnd = quiet === null || isUrgent ? null : quietUntil(quiet, now);
  if (quietEnd !== null) return fold("quiet", quietEnd);
  if (cooldown !== null && cooldown.by !== entryId && isCool(cooldown, { cooldownMs, underWayMs, now })) {
    return fold("cooldown", cooldown.until);
  }
  const isStorm = rule !== null && rule.by !== entryId && isOneOfMany(rule, now);
  if (isStorm && !isUrgent) return fold("storm", now);
  const channel = claimed(known.channel, { messages, isUrgent, box: subject.box, aSecond, now });
  if (channel === null) return fold("storm", now);
  return {
    kind: "tell",
    rule: { toldAt: now, by: entryId, summary: rule?.summary ?? null, gathered: rule?.gathered ?? [] },
    cooldown: { until: now + cooldownMs, by: entryId, at: now, isTold: false },
    channel,
  };
}

/** Whether a person is muted. A time beyond the maximum does not count: a clock was set back. */
function isMuted(until: number, now: number): boolean {
  return until > now && until - now <= maxMutedMs;
}

/**
 * Whether a rule sent an alert just now, or gathers. Uses the absolute difference: otherwise a clock that was set back
 * would extend “just now” until it has caught up.
 */
function isOneOfMany({ toldAt, summary }: RuleState, now: number): boolean {
  return Math.abs(now - toldAt) < burstMs || isGathering(summary);
}

/** The verdict for an entry that was alerted of or gathered before; null if it was neither. */
function againOf({ rule, cooldown }: Known, entryId: string): Verdict | null {
  if (cooldown?.by === entryId && cooldown.isTold) return { kind: "told" };
  const [, reason] = rule?.gathered.find(([one]) => one === digestOf(entryId)) ?? [];
  return reason === undefined ? null : { kind: "folded", reason };
}

function digestOf(entryId: string): string {
  return createHash("sha256").update(entryId).digest("base64url").slice(0, 12);
}

/**
 * Whether a cooldown is in force. It is not if its entry was never sent (refused or too late), nor if it is longer than
 * the rule allows: the rule was changed, or a clock was set back.
 */
function isCool(
  { until, at, isTold }: CooldownState,
  { cooldownMs, underWayMs, now }: Pick<AskedAlert, "cooldownMs" | "underWayMs" | "now">,
): boolean {
  const isBegun = isTold || now - at < underWayMs;
  return isBegun && until > now && until - now <= cooldownMs + minuteMs;
}

/** Room that is asked for on a channel. */
export interface Room {
  messages: number;
  isUrgent: boolean;
  /** The box that an alert is about. Null: a summary, or a test. */
  box: string | null;
  /** Messages that the channel takes in one second; left out: as many as in a minute. */
  aSecond?: number | undefined;
}

/**
 * The messages of the last minute, plus these; null if the channel does not accept them now. The first alert of a box
 * has room that further ones of other boxes have not.
 */
export function claimed(
  { sent, boxes, closedUntil = 0 }: ChannelState,
  { messages, isUrgent, box, aSecond = messagesAMinute, now }: Room & { now: number },
): ChannelState | null {
  // A time beyond the maximum does not count: a clock was set back.
  if (closedUntil > now && closedUntil - now <= maxClosedMs) return null;
  const all = sent.map((at, index) => ({ at, box: boxes[index] ?? "" }));
  // The absolute difference: times in the future come from a clock that was set back.
  const within = (ms: number) => all.filter(({ at }) => Math.abs(now - at) < ms);
  const justNow = within(countedSecondMs).length;
  // Channels allow short bursts, and say when they do not: an urgent alert does not wait for a summary.
  if (!isUrgent && justNow + messages > aSecond) return null;
  const counted = within(countedMs);
  const ofBox = counted.filter((one) => one.box === box).length;
  const kept = box === null ? keptFromSummaries : ofBox === 0 ? 0 : keptForFirst;
  const limit = messagesAMinute - (isUrgent ? 0 : keptForUrgent) - kept;
  if (counted.length + messages > limit || (ofBox > 0 && ofBox + messages > maxOfBox)) return null;
  const claim = Array.from({ length: messages }, () => ({ at: now, box: box ?? "" }));
  const claims = [...counted, ...claim];
  return { sent: claims.map(({ at }) => at), boxes: claims.map((one) => one.box) };
}
