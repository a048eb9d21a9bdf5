import type { AlertRow, AlertRowNames, AlertRows } from "@gatepost/core/alerts";
import { dayMs, minuteMs, parseStored } from "@gatepost/protocol";
import type * as z from "zod";
import type { Subject } from "../message/subject.ts";
import { type AlertTarget, channelOf } from "../target/target.ts";
import { claimed, decide, type Known, maxClosedMs, type Room, type Verdict } from "./decide.ts";
import {
  type ChannelState,
  type CooldownState,
  channelState,
  cooldownState,
  type FoldReason,
  muteState,
  type RuleState,
  ruleState,
} from "./state.ts";

/**
 * How often a decision is repeated because another one changed its rows first: all rules may send to one channel at the
 * same time.
 */
const maxRounds = 100;

const nothingSent: ChannelState = { sent: [], boxes: [] };

interface Entry {
  entryId: string;
  rule: string;
  subject: Subject;
  target: AlertTarget;
  messages: number;
  /** Messages that the channel accepts in one second, if it documents a limit. */
  aSecond?: number | undefined;
}

interface Deps {
  rows: AlertRows;
  names: AlertRowNames;
  /** ms for which another process may still be sending the alert of an entry; 0 if there is no other. */
  underWayMs: number;
  clock(): number;
}

/** Decides what becomes of entries, and remembers it before anything is sent. */
export class AlertGate {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** What becomes of an entry. It is durable when this resolves; asked again, it is the same. */
  async pass({
    entryId,
    rule,
    subject,
    target,
    messages,
    aSecond,
  }: Entry): Promise<"tell" | "told" | "muted" | FoldReason> {
    const { names: named, underWayMs, clock } = this.#deps;
    const { person } = subject;
    const names = {
      rule: named.rule(rule),
      cooldown: this.#cooldownOf(rule, subject, target),
      channel: named.channel(channelOf(target)),
      ...(person === null ? {} : { mute: named.mute(rule, person) }),
    };
    // A retry does not count against the limit of a second. Later rounds would see the cooldown that they wrote.
    let isAgain: boolean | undefined;
    for (let round = 0; round < maxRounds; round++) {
      const rows = await this.#deps.rows.get(Object.values(names));
      const now = clock();
      const known = knownIn(rows, names);
      isAgain ??= known.cooldown?.by === entryId;
      const { quiet, cooldownMs } = target;
      const room = { messages, aSecond: isAgain ? undefined : aSecond };
      const verdict = decide(known, { entryId, subject, quiet, cooldownMs, underWayMs, ...room, now });
      if (verdict.kind === "muted" || verdict.kind === "told") return verdict.kind;
      const isKnown = verdict.kind === "folded" || (await this.#remember(verdict, names, rows, now));
      if (isKnown) return verdict.kind === "tell" ? "tell" : verdict.reason;
    }
    throw new Error("other alerts of this rule were always faster; it is tried again");
  }

  /** Notes that the channel accepted the alert of an entry, so that a repeated entry does not send it twice. */
  async told({
    entryId,
    rule,
    subject,
    target,
  }: Pick<Entry, "entryId" | "rule" | "subject" | "target">): Promise<void> {
    const { rows, clock } = this.#deps;
    const name = this.#cooldownOf(rule, subject, target);
    const found = await rows.get([name]);
    const cooldown = read(cooldownState, found, name);
    if (cooldown?.by !== entryId) return;
    // If it is refused, the next entry of the same person has taken the row.
    await this.#putCooldown(found, name, { ...cooldown, isTold: true }, clock());
  }

  /** Begins the cooldown of a person whom a summary has named, unless one has begun meanwhile. */
  async begin({ rule, subject, target }: Pick<Entry, "rule" | "subject" | "target">): Promise<void> {
    const { rows, clock } = this.#deps;
    const now = clock();
    const name = this.#cooldownOf(rule, subject, target);
    const found = await rows.get([name]);
    if ((read(cooldownState, found, name)?.until ?? 0) > now) return;
    await this.#putCooldown(found, name, { until: now + target.cooldownMs, by: "", at: now, isTold: true }, now);
  }

  /** The state of a rule, and its version for a conditional write; null if there is none. */
  async read(rule: string): Promise<{ state: RuleState; version: number } | null> {
    const name = this.#deps.names.rule(rule);
    const rows = await this.#deps.rows.get([name]);
    const state = read(ruleState, rows, name);
    return state === null ? null : { state, version: rows.get(name)?.version ?? 0 };
  }

  /** The same, if a summary of the rule is due. */
  async due(rule: string): Promise<{ state: RuleState; version: number } | null> {
    const known = await this.read(rule);
    const summary = known?.state.summary ?? null;
    if (summary === null) return null;
    const now = this.#deps.clock();
    // If the clock was set back since an entry joined, `dueAt` is meaningless.
    return summary.dueAt <= now || summary.last > now + minuteMs ? known : null;
  }

  /** Writes the result of a summary. False if an entry joined it meanwhile. */
  async settle(rule: string, state: RuleState, version: number): Promise<boolean> {
    const { rows, names } = this.#deps;
    return rows.put(names.rule(rule), state, { version, keepMs: keptMs });
  }

  /** Reserves room for messages on a channel. False if it has none now. */
  async claim(target: AlertTarget, room: Room): Promise<boolean> {
    const { rows, names, clock } = this.#deps;
    const name = names.channel(channelOf(target));
    for (let round = 0; round < maxRounds; round++) {
      const found = await rows.get([name]);
      const now = clock();
      const channel = claimed(read(channelState, found, name) ?? nothingSent, { ...room, now });
      if (channel === null) return false;
      if (await rows.put(name, channel, versionIn(found, name, 2 * minuteMs))) return true;
    }
    return false;
  }

  /** Leaves a channel alone for so many ms, as it asks for: also other rules may send over it. */
  async close(target: AlertTarget, ms: number): Promise<void> {
    const { rows, names, clock } = this.#deps;
    const name = names.channel(channelOf(target));
    const closedMs = Math.min(Math.ceil(ms), maxClosedMs);
    for (let round = 0; round < maxRounds; round++) {
      const found = await rows.get([name]);
      const channel = { ...(read(channelState, found, name) ?? nothingSent), closedUntil: clock() + closedMs };
      if (await rows.put(name, channel, versionIn(found, name, Math.max(closedMs, 2 * minuteMs)))) return;
    }
  }

  /** Writes a verdict. The room on the channel is taken last, after everything else has succeeded. */
  async #remember(
    verdict: Extract<Verdict, { kind: "tell" | "fold" }>,
    names: Record<"rule" | "cooldown" | "channel", string>,
    rows: ReadonlyMap<string, AlertRow>,
    now: number,
  ): Promise<boolean> {
    const put = (name: string, value: object, keepMs: number) =>
      this.#deps.rows.put(name, value, versionIn(rows, name, keepMs));
    if (verdict.kind === "fold") return put(names.rule, verdict.rule, keptMs);
    const { cooldown, rule, channel } = verdict;
    if (!(await this.#putCooldown(rows, names.cooldown, cooldown, now))) return false;
    return (await put(names.rule, rule, keptMs)) && put(names.channel, channel, 2 * minuteMs);
  }

  #putCooldown(rows: ReadonlyMap<string, AlertRow>, name: string, cooldown: CooldownState, now: number) {
    const keepMs = Math.max(cooldown.until - now, toldMs);
    return this.#deps.rows.put(name, cooldown, versionIn(rows, name, keepMs));
  }

  /**
   * The cooldown of a subject. Blacklist alerts have their own, so an earlier alert of the same person does not hold
   * one back. Each silence of a box has its own, too: it is announced once, and without its alert the box would seem to
   * report. A passing holds back no arrival of a visitor. A stranger is not known again elsewhere, so the cooldown of
   * strangers is always for a gate.
   */
  #cooldownOf(
    rule: string,
    { box, device, event, about, person, personType, at, visit }: Subject,
    { cooldownPer }: Pick<AlertTarget, "cooldownPer">,
  ): string {
    const ofEvent = visit !== undefined ? about : personType === "blacklist" ? "blacklist" : "event";
    const what = event === null ? `${about} ${at}` : ofEvent;
    const isAnywhere = cooldownPer === "person" && person !== null;
    return this.#deps.names.cooldown(rule, person, JSON.stringify(isAnywhere ? [what] : [box, device, what]));
  }
}

/** ms for which an alert is remembered at least, also without a cooldown. */
const toldMs = 10 * minuteMs;

/** ms for which the state of a rule is kept: a summary may wait for a day of quiet hours, and is tried for a day. */
const keptMs = 3 * dayMs;

function knownIn(
  rows: ReadonlyMap<string, AlertRow>,
  names: { rule: string; cooldown: string; channel: string; mute?: string },
): Known {
  return {
    rule: read(ruleState, rows, names.rule),
    cooldown: read(cooldownState, rows, names.cooldown),
    mutedUntil: (names.mute === undefined ? null : read(muteState, rows, names.mute))?.until ?? 0,
    channel: read(channelState, rows, names.channel) ?? nothingSent,
  };
}

function versionIn(rows: ReadonlyMap<string, AlertRow>, name: string, keepMs: number) {
  return { version: rows.get(name)?.version ?? 0, keepMs };
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  rows: ReadonlyMap<string, AlertRow>,
  name: string,
): z.output<Schema> | null {
  const row = rows.get(name);
  return row === undefined ? null : parseStored(schema, row.value, `alert ${name.split(" ")[0]}`);
}
