import type { Log } from "@gatepost/ingest";
import type { StoredEvent } from "@gatepost/protocol";
import type { PictureReader, Zone } from "@gatepost/query";
import type { AlertRule } from "./alerter.ts";
import { senders } from "./channels/senders.ts";
import type { SendDeps, Sent } from "./channels/sending.ts";
import type { AlertGate } from "./gate/gate.ts";
import type { FoldedItem, RuleState, SummaryState } from "./gate/state.ts";
import { countOf, hasBlacklist, isWorthTelling, without } from "./gate/summary-state.ts";
import type { AlertLinks } from "./links.ts";
import { type Message, messageOf } from "./message/message.ts";
import { type Subject, subjectOfEvent } from "./message/subject.ts";
import { pictureOf } from "./picture.ts";
import { type SummaryItem, summaryMessage } from "./summary-message.ts";
import { quietUntil } from "./target/quiet.ts";

const second = 1000;
const day = 24 * 60 * 60 * second;
const longestPauseMs = 5 * 60 * second;

interface Deps {
  gate: AlertGate;
  links: AlertLinks;
  find(id: string): Promise<StoredEvent | null>;
  pictures: PictureReader;
  log: Log;
  clock(): number;
}

/** Sends what was held back, as one message. */
export class SummarySender {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Sends the summary of a rule that is due, and forgets it when the channel has taken it. */
  async send(rule: AlertRule, zone: Zone, sending: SendDeps): Promise<void> {
    const { gate, clock } = this.#deps;
    const due = await gate.due(rule.name);
    const summary = due?.state.summary ?? null;
    if (due === null || summary === null) return;
    const later = (dueAt: number) =>
      gate.settle(rule.name, { ...due.state, summary: { ...summary, dueAt } }, due.version);
    const { target } = rule;
    const quietEnd = target.quiet === null || hasBlacklist(summary) ? null : quietUntil(target.quiet, clock());
    if (quietEnd !== null) return void (await later(quietEnd));
    if (!isWorthTelling(summary)) return this.#forget(rule.name, summary, due);
    const message = await this.#messageOf(summary, rule, zone);
    const sender = senders[target.type];
    const messages = sender.messagesFor(message);
    const room = { messages, isUrgent: message.isUrgent, aSecond: sender.messagesASecond };
    if (!(await gate.claim(target, room))) return void (await later(clock() + 5 * second));
    const sent = await sender.send(message, target, sending).catch(notSent);
    if (sent.failure === null) return this.#forget(rule.name, summary, due);
    // A word that the channel does not take may be a name: the counts go without.
    const left = sent.isRefused ? { ...summary, items: [] } : summary;
    await this.#tryLater(rule.name, left, due.state, { version: due.version, failure: sent.failure });
  }

  /** What joined it while it was sent stays for the next one. */
  async #forget(
    rule: string,
    sent: SummaryState,
    { state, version }: { state: RuleState; version: number },
  ): Promise<void> {
    const { gate, clock } = this.#deps;
    const told = isWorthTelling(sent) ? { toldAt: clock(), by: "" } : {};
    if (await gate.settle(rule, { ...state, ...told, summary: null }, version)) return;
    const now = await gate.read(rule);
    if (now?.state.summary == null) return;
    await gate.settle(rule, { ...now.state, ...told, summary: without(now.state.summary, sent) }, now.version);
  }

  async #tryLater(
    rule: string,
    summary: SummaryState,
    state: RuleState,
    { version, failure }: { version: number; failure: string },
  ): Promise<void> {
    const { gate, log, clock } = this.#deps;
    const now = clock();
    const failedAt = summary.failedAt ?? now;
    const facts = { rule, reason: failure, entries: countOf(summary) };
    if (now - failedAt >= day) {
      log.error("summary of alerts given up: the channel took nothing for a day", facts);
      await gate.settle(rule, { ...state, summary: null }, version);
      return;
    }
    if (summary.tries === 0) log.warn("summary of alerts not sent, trying again", facts);
    const tries = summary.tries + 1;
    const dueAt = now + Math.min(longestPauseMs, second * 2 ** Math.min(tries, 10));
    await gate.settle(rule, { ...state, summary: { ...summary, tries, failedAt, dueAt } }, version);
  }

  /** A single passing that only came too close to another is told of as any other. */
  async #messageOf(summary: SummaryState, { name, target }: AlertRule, zone: Zone): Promise<Message> {
    const { links, pictures } = this.#deps;
    const items = (await Promise.all(summary.items.map((item) => this.#itemOf(item, name)))).filter(
      (item) => item !== null,
    );
    const [only] = items;
    if (only !== undefined && countOf(summary) === 1) {
      const picture = await pictureOf(only.subject, senders[target.type].pictureBytes, pictures);
      return messageOf(only.subject, { rule: name, target, zone, links: links.of(only.subject, name), picture });
    }
    return summaryMessage(summary, { rule: name, language: target.template.language, zone, items });
  }

  /** Null where the event is not there any more: then it is only counted. */
  async #itemOf(item: FoldedItem, rule: string): Promise<SummaryItem | null> {
    if ("box" in item) return { subject: boxSubject(item), url: null };
    const stored = await this.#deps.find(item.event);
    if (stored === null) return null;
    const subject = subjectOfEvent(stored, item.about, item.late);
    return { subject, url: this.#deps.links.of(subject, rule).event };
  }
}

function boxSubject({ box, device, about, at }: Extract<FoldedItem, { box: string }>): Subject {
  return { about, box, device, at, event: null, stored: null, person: null, personType: null, late: false };
}

function notSent(error: unknown): Sent {
  return { status: null, failure: error instanceof Error ? error.message : String(error), isRefused: false };
}
