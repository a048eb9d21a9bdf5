import * as z from "zod";

/**
 * Cooldown: no second alert for this person and device before `until`. With the entry, the start of its last try, and
 * whether the channel accepted it.
 */
export const cooldownState = z.object({
  until: z.int(),
  by: z.string(),
  at: z.int(),
  isTold: z.boolean(),
});
export type CooldownState = z.output<typeof cooldownState>;

/** A muted person under a rule. */
export const muteState = z.object({ until: z.int() });

/** When messages were sent over a channel in the last minute. */
export const channelState = z.object({
  sent: z.array(z.int()),
  /** The box of each: "" for a summary. */
  boxes: z.array(z.string()),
  /** Until when the channel asked to be left alone; absent if it did not. */
  closedUntil: z.int().optional(),
});
export type ChannelState = z.output<typeof channelState>;

/** Why an entry got no separate alert. */
const foldReasons = ["storm", "quiet", "cooldown"] as const;
export type FoldReason = (typeof foldReasons)[number];

const ofActions = ["register-stranger", "update-photo", "declined"] as const;
const ofVisits = ["visitor-arrived", "visitor-early"] as const;
export const aboutEvents = ["passing", ...ofActions, "acknowledged", "not-acknowledged", ...ofVisits] as const;
const ofEvacuations = ["evacuation", "drill", "evacuation-over"] as const;
const aboutTargets = ["target-failing", "target-recovered"] as const;
export const aboutOthers = ["silent", "recovered", "unknown-action", ...ofEvacuations, ...aboutTargets] as const;

/** An entry that a summary names: an event, as long as it is there, a box, or an evacuation list. */
const foldedItem = z.union([
  z.object({
    event: z.string(),
    about: z.enum(aboutEvents),
    late: z.boolean(),
    /** Its box. */
    from: z.string(),
  }),
  z.object({
    box: z.string(),
    device: z.string().nullable(),
    about: z.enum(aboutOthers),
    at: z.string(),
    /** The evacuation list; absent of a box. */
    roll: z.string().optional(),
    /** The state of the target; absent of a box. */
    target: z.object({ since: z.string(), reason: z.string(), waiting: z.int().nullable() }).optional(),
  }),
]);
export type FoldedItem = z.output<typeof foldedItem>;

/** How often each was counted: names that boxes sent are no names of members. */
const counts = z.array(z.tuple([z.string(), z.int()]));
export type NamedCounts = z.output<typeof counts>;

/** The entries that wait for a common alert. It contains no person, so an erasure has nothing to remove here. */
const summaryState = z.object({
  since: z.int(),
  last: z.int(),
  dueAt: z.int(),
  /** The end of the quiet hours, and of the first cooldown; 0 if nothing was folded for that. */
  quietUntil: z.int(),
  cooldownUntil: z.int(),
  reasons: z.object({ storm: z.int(), quiet: z.int(), cooldown: z.int() }),
  byType: counts,
  byPlace: counts,
  byBox: counts,
  items: z.array(foldedItem),
  /** The tries to send it: how many failed, and when the first did. */
  tries: z.int(),
  failedAt: z.int().nullable(),
});
export type SummaryState = z.output<typeof summaryState>;

/** The state of a rule: the time and the entry of its last alert. */
export const ruleState = z.object({
  toldAt: z.int(),
  by: z.string(),
  summary: summaryState.nullable(),
  /** The last gathered entries, by a digest, and why: a repeated one is not counted again. */
  gathered: z.array(z.tuple([z.string(), z.enum(foldReasons)])),
});
export type RuleState = z.output<typeof ruleState>;
