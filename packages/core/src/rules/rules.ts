import type { StoredEvent } from "@gatepost/protocol";

/** Limits of the times of a rule. */
export const ruleLimits = {
  /** Of the passing, after which an entry is no longer delivered: a month. */
  maxAgeSeconds: 31 * 24 * 60 * 60,
  cooldownSeconds: 24 * 60 * 60,
} as const;

/** A rule of the bus. Values of headers and the secret are not told. */
export interface RuleListing {
  name: string;
  /** Whether it gets entries. What waits for a rule that is off waits until it is on again. */
  isOn: boolean;
  /** The last change by the API: who made it (`acc_…` or `key_…`), when, and since when the rule is off. */
  changed: { by: string; at: string; offSince: string | null } | null;
  /** Entries that its target took since midnight, in the zone of the server. */
  today: number;
  /** Its place in rules.json. */
  line: number;
  pattern: unknown;
  target: {
    /** The settings of the target, without its secrets. */
    url: string;
    headers: string[];
    isSigned: boolean;
    allowPrivate: boolean;
  } & Partial<TargetSettings>;
  /** Seconds after which a passing is too old for a delivery. */
  maxAgeSeconds?: number;
  /** Why it can never match; absent if it may. */
  warning?: string;
  /** How many entries wait for it, also in a summary, and how many it did not take. */
  waiting: number;
  dead: number;
  /** Since when its target takes nothing, and why; null if it takes entries, or it is not known for five minutes. */
  failing: { since: string; reason: string } | null;
  /** The last try to deliver to it; null before the first. */
  last: { at: string; status: number | null; ms: number } | null;
}

export interface RuleBook {
  /** Another one means that the file was changed. */
  version: string;
  rules: RuleListing[];
  /** The rules that cannot be used, and why. */
  faults: { rule: string | null; line: number; column: number; reason: string }[];
}

/** The channels by which people get alerts. */
export const channels = ["wecom", "dingtalk", "feishu", "email", "mqtt", "ntfy", "slack", "telegram", "teams"] as const;
export type Channel = (typeof channels)[number];

/** Further settings for the target of a rule that alerts people. */
export interface TargetSettings {
  type: Channel;
  to: string;
  template: string;
  cooldownSeconds: number;
  /** Whether a second alert of a person is held back at the same gate alone (absent), or at any. */
  cooldownPer: "gate" | "person";
  quiet: { from: string; to: string; zone: string };
}

/** The new settings of a rule. Absent ones stay unchanged. */
export interface RuleWish {
  pattern: unknown;
  target: {
    /** As it was listed, it stays as it is. */
    url: string;
    /** The headers that are sent; null keeps the value that a header has. */
    headers?: Record<string, string | null>;
    /** Null: no longer signed. */
    secret?: string | null;
    /** The new one and the old one, in place of `secret`. */
    secrets?: string[] | null;
    allowPrivate?: boolean;
  } & { [Name in keyof TargetSettings]?: TargetSettings[Name] | null };
  maxAgeSeconds?: number | null | undefined;
  isOn?: boolean | undefined;
  /** Who asks for it: the id of an account or a key. */
  by: string;
}

export interface Finding {
  path: string;
  holds: boolean;
  is: string;
  wants: string;
}

/** The result of a pattern for an entry that an event makes, or would make. */
export interface Trial {
  event: string;
  detailType: string;
  matches: boolean;
  why: Finding[];
}

/** The subjects of a preview. */
export const previewed = [
  ...(["passing", "register-stranger", "update-photo", "visitor-arrived"] as const),
  ...(["silent", "recovered", "target-failing"] as const),
];

/** What an alert would be about, and over which channel. */
export interface AlertAsked {
  channel: Channel;
  /** Of the channel: it may decide the language. */
  url: string;
  rule: string;
  /** Null: the usual one of the channel. */
  template: string | null;
  /** The zone of its times; null: of the server. */
  zone: string | null;
  about: (typeof previewed)[number];
  /** Null if it is about a box or a target. */
  event: StoredEvent | null;
  /** The box, or the rule of a target. */
  box: string;
  /** ms since 1970. */
  now: number;
}

/** The text of an alert, as people get it. */
export interface AlertPreview {
  title: string;
  lines: { text: string; isLink: boolean }[][];
  /** Whether the picture is sent along or linked; null if there is none. */
  picture: "sent" | "linked" | null;
}

/** A request to send a rule again what it has not had. */
export interface Resend {
  rule: string;
  /** The version of the rule at the request (`Rules.versionOf`). */
  version: string;
  /** The job, by which it may be repeated and taken back; null: nothing is sent, and the entries are counted. */
  job: string | null;
}

/** The entries of events that were sent again, and those that were not, by the reason. */
export const noneResent = {
  sent: 0,
  /** The rule has had the entry, or waits for it. */
  had: 0,
  /** It is too old for the rule. */
  tooOld: 0,
  /** The action is declined, done, withheld, or still to be announced. */
  declined: 0,
  done: 0,
  withheld: 0,
  pending: 0,
  /** The rule does not match it. */
  unmatched: 0,
  /** The target did not take it: it is a dead letter. */
  dead: 0,
  /** People got no alert of its own: it is in a summary, or the person is muted. */
  held: 0,
  /** Its event was erased before the end of the job. */
  gone: 0,
};

export type ResendCounts = typeof noneResent;

export interface Rules {
  read(): Promise<RuleBook>;
  /**
   * Writes a rule into the file, after the others if it is new. `outdated`: the file is another version now. Throws
   * GatepostError bad-request if the rule cannot be used, conflict if the file cannot be read.
   */
  put(name: string, wish: RuleWish, version: string): Promise<"written" | "outdated">;
  remove(name: string, version: string): Promise<"written" | "outdated" | "unknown">;
  /**
   * Tries a pattern on the bus entries of events, and gives other work turns. Throws GatepostError bad-request if the
   * pattern is invalid.
   */
  tryPattern(pattern: unknown, events: readonly StoredEvent[]): Promise<Trial[]>;
  /** The number of events with a bus entry that a pattern matches. Gives other work turns, and throws as `tryPattern`. */
  countMatching(pattern: unknown, events: readonly StoredEvent[]): Promise<number>;
  /** Why a pattern can never match; null if it may. Throws as `tryPattern`. */
  warningOf(pattern: unknown): string | null;
  /** The alert that people would get. Throws GatepostError bad-request if its template is invalid. */
  preview(asked: AlertAsked): AlertPreview;
  /** Tries every rule that is on, on the bus entries of one event. */
  tryRules(event: StoredEvent): Promise<(Trial & { rule: string })[]>;
  /** The version of a rule that entries are sent to again. Throws GatepostError not-found, or conflict if it is off. */
  versionOf(rule: string, options: { mayBeOff: boolean }): Promise<string>;
  /**
   * Puts the entries of events, which a rule has not had, behind its live ones. Repeated for a job, it does no harm and
   * counts the same. Throws GatepostError conflict if the rule was changed, removed or switched off, or its target takes
   * nothing.
   */
  resend(events: readonly StoredEvent[], asked: Resend): Promise<ResendCounts>;
  /** The number of entries of a job that wait. Throws as `resend`. */
  waitingAgain(asked: Resend): number;
  /** The entries that a job has put, by what became of each. Erased ones are not among them. */
  outcomesOf(rule: string, job: string): Partial<ResendCounts>;
  /** Removes the entries of a job that wait. One that is being sent is removed if its target does not take it. */
  takeBack(job: string): Promise<void>;
  /** Sends a rule's target an entry that is only a test. Null if there is no such rule. */
  ping(name: string): Promise<{ status: number | null; ms: number; reason: string | null } | null>;
}

/**
 * A rule as a key sees it that may not change rules. The path and query of a webhook are often enough to call it, so
 * such a key sees only the host. URLs of alerts are already without their secrets.
 */
export function toldToReaders(rule: RuleListing): RuleListing {
  const { target } = rule;
  return target.type === undefined ? { ...rule, target: { ...target, url: withoutPath(target.url) } } : rule;
}

function withoutPath(url: string): string {
  const { origin, href } = new URL(url);
  return href === `${origin}/` ? href : `${origin}/***`;
}
