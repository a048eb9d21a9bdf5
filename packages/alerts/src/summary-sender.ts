import type { Log } from "@gatepost/core/log";
import type { PictureReader } from "@gatepost/core/pictures";
import type { Zone } from "@gatepost/core/zones";
import { announcedPhoto, dayMs, minuteMs, omitAbsent, type StoredEvent, secondMs } from "@gatepost/protocol";
import { senders } from "./channels/senders.ts";
import { type Sent, unanswered } from "./channels/sending.ts";
import { maxClosedMs } from "./gate/decide.ts";
import type { AlertGate } from "./gate/gate.ts";
import type { FoldedItem, RuleState, SummaryState } from "./gate/state.ts";
import { countOf, hasBlacklist, isWorthTelling, without, withoutItems } from "./gate/summary-state.ts";
import type { AlertLinks } from "./links.ts";
import { type Message, messageOf, type Picture } from "./message/message.ts";
import { type Subject, subjectOfEvent } from "./message/subject.ts";
import { type SummaryItem, summaryMessage } from "./summary-message.ts";
import { type AlertRule, quietUntil } from "./target/target.ts";

/**
 * The picture to attach: the face, else the scene. Null if there is none, it is too large for the channel, or it cannot
 * be read just now: people must learn of a passing even if the picture store is in trouble.
 */
export async function pictureOf(
  { stored }: Subject,
  maxBytes: number,
  { pictures, log }: { pictures: PictureReader; log: Log },
): Promise<Picture | null> {
  const photo = stored === null ? null : announcedPhoto(stored);
  if (photo === null || photo.bytes > maxBytes) return null;
  const { contentType } = photo;
  const bytes = await pictures.get(photo).catch((cause: unknown) => {
    log.warn("an alert goes without its picture, which cannot be read", { cause });
    return null;
  });
  return bytes === null ? null : { bytes, contentType };
}

/** ms between two tries to send a summary, at most. */
const maxPauseMs = 5 * minuteMs;

/** How often it is written anew what became of a summary, because an entry joined it meanwhile: in a storm, many do. */
const maxRounds = 100;

/** The state of a rule, and the version to change it by. */
interface Read {
  state: RuleState;
  version: number;
}

interface Deps {
  gate: AlertGate;
  links: AlertLinks;
  find(id: string): Promise<StoredEvent | null>;
  pictures: PictureReader;
  log: Log;
  clock(): number;
}

/** Sends the alerts that were held back, as one message. */
export class SummarySender {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The number of entries that wait for the summary of a rule. */
  async waiting(rule: string): Promise<number> {
    const { summary = null } = (await this.#deps.gate.read(rule))?.state ?? {};
    return summary === null ? 0 : countOf(summary);
  }

  /** Sends the summary of a rule that is due, and forgets it when the channel has taken it. Null if nothing was sent. */
  async send(rule: AlertRule, zone: Zone, send: (message: Message) => Promise<Sent>): Promise<Sent | null> {
    const { gate, clock } = this.#deps;
    const due = await gate.due(rule.name);
    const summary = due?.state.summary ?? null;
    if (due === null || summary === null) return null;
    const later = async (dueAt: number) => {
      await this.#change(rule.name, due, (now) => ({ summary: { ...now, dueAt } }));
      return null;
    };
    const { target } = rule;
    const quietEnd = target.quiet === null || hasBlacklist(summary) ? null : quietUntil(target.quiet, clock());
    if (quietEnd !== null) return later(quietEnd);
    if (!isWorthTelling(summary)) {
      await this.#forget(rule.name, summary, due);
      return null;
    }
    const items = await this.#itemsOf(summary, rule.name);
    const message = await this.#messageOf(summary, items, { rule, zone });
    const sender = senders[target.type];
    const messages = sender.messagesFor(message);
    const room = { messages, isUrgent: message.isUrgent, box: null, aSecond: sender.messagesASecond };
    if (!(await gate.claim(target, room))) return later(clock() + 5 * secondMs);
    const sent = await send(message).catch((error: unknown) => unanswered(error, target));
    if (sent.failure === null) {
      await this.#forget(rule.name, summary, due);
      await this.#beginCooldowns(summary, items, rule);
    } else {
      await this.#tryLater(rule.name, summary, due, { ...sent, failure: sent.failure });
    }
    return sent;
  }

  /** What joined it while it was sent stays for the next one. */
  async #forget(rule: string, sent: SummaryState, due: Read): Promise<void> {
    const notified = isWorthTelling(sent) ? { toldAt: this.#deps.clock(), by: "" } : {};
    await this.#change(rule, due, (now) => ({ ...notified, summary: without(now, sent) }));
  }

  async #tryLater(
    rule: string,
    summary: SummaryState,
    due: Read,
    { failure, isRefused, retryAfterMs = 0 }: Sent & { failure: string },
  ): Promise<void> {
    const { log, clock } = this.#deps;
    const now = clock();
    const failedAt = summary.failedAt ?? now;
    const facts = { rule, reason: failure, entries: countOf(summary) };
    if (now - failedAt >= dayMs) {
      log.error("summary of alerts given up: the channel took nothing for a day", facts);
      await this.#change(rule, due, (joined) => ({ summary: without(joined, summary) }));
      return;
    }
    if (summary.tries === 0) log.warn("summary of alerts not sent, trying again", facts);
    const tries = summary.tries + 1;
    const pauseMs = Math.min(maxPauseMs, secondMs * 2 ** Math.min(tries, 10));
    const dueAt = now + Math.max(pauseMs, Math.min(Math.ceil(retryAfterMs), maxClosedMs));
    // A word that the channel does not take may be a name: the counts go without.
    const refused = isRefused ? summary.items : [];
    await this.#change(rule, due, (joined) => ({
      summary: { ...joined, items: withoutItems(joined.items, refused), tries, failedAt, dueAt },
    }));
  }

  /**
   * Updates a summary that was read, also if entries join it meanwhile. Does nothing if it no longer exists. Throws if
   * another process changed it first each time.
   */
  async #change(rule: string, due: Read, becomes: (now: SummaryState) => Partial<RuleState>): Promise<void> {
    const { gate } = this.#deps;
    const begun = due.state.summary?.since;
    let known: Read | null = due;
    for (let round = 0; round < maxRounds; round++) {
      const summary: SummaryState | null = known?.state.summary ?? null;
      if (known === null || summary === null || summary.since !== begun) return;
      if (await gate.settle(rule, { ...known.state, ...becomes(summary) }, known.version)) return;
      known = await gate.read(rule);
    }
    throw new Error("entries joined the summary faster than it could be written; it is tried again");
  }

  /**
   * The named persons have now been alerted of, as by single alerts. Alerts held back over quiet hours are too old for
   * that: a passing after them gives an alert.
   */
  async #beginCooldowns({ reasons }: SummaryState, items: readonly SummaryItem[], rule: AlertRule): Promise<void> {
    if (reasons.storm === 0 || reasons.quiet > 0 || rule.target.cooldownMs === 0) return;
    for (const { subject } of items) await this.#deps.gate.begin({ rule: rule.name, subject, target: rule.target });
  }

  /** A single passing that was only too close to another one is reported as any other. */
  async #messageOf(
    summary: SummaryState,
    items: readonly SummaryItem[],
    { rule: { name, target }, zone }: { rule: AlertRule; zone: Zone },
  ): Promise<Message> {
    const [only] = items;
    if (only !== undefined && countOf(summary) === 1) {
      const picture = await pictureOf(only.subject, senders[target.type].pictureBytes, this.#deps);
      const links = this.#deps.links.of(only.subject, name);
      return messageOf(only.subject, { rule: name, target, zone, links, picture });
    }
    return summaryMessage(summary, { rule: name, language: target.template.language, zone, items });
  }

  async #itemsOf({ items }: SummaryState, rule: string): Promise<SummaryItem[]> {
    const found = await Promise.all(items.map((item) => this.#itemOf(item, rule)));
    return found.filter((item) => item !== null);
  }

  /** Null if the event is not there any more: then it is only counted. */
  async #itemOf(item: FoldedItem, rule: string): Promise<SummaryItem | null> {
    if ("box" in item) {
      const subject = boxSubject(item);
      return { subject, url: this.#deps.links.of(subject, rule).event };
    }
    const stored = await this.#deps.find(item.event);
    if (stored === null) return null;
    const subject = subjectOfEvent(stored, item.about, item.late);
    return { subject, url: this.#deps.links.of(subject, rule).event };
  }
}

function boxSubject({ box, device, about, at, roll, target }: Extract<FoldedItem, { box: string }>): Subject {
  const more = omitAbsent({ roll, target });
  return { about, box, device, at, ...more, event: null, stored: null, person: null, personType: null, late: false };
}
