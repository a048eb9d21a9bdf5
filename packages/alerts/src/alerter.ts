import { createHmac } from "node:crypto";
import { AlertRowNames, type AlertRows } from "@gatepost/core/alerts";
import type { Log } from "@gatepost/core/log";
import type { PictureReader } from "@gatepost/core/pictures";
import type { Zone } from "@gatepost/core/zones";
import type { StoredEvent } from "@gatepost/protocol";
import { senders } from "./channels/senders.ts";
import { delivered, type SendDeps, type Sent } from "./channels/sending.ts";
import { AlertGate } from "./gate/gate.ts";
import { AlertLinks } from "./links.ts";
import { type Message, messageOf, testMessage } from "./message/message.ts";
import { isTest, subjectOf } from "./message/subject.ts";
import { isOverInternet } from "./net/addresses.ts";
import { post, type Timeouts } from "./net/post.ts";
import { pictureOf, SummarySender } from "./summary-sender.ts";
import type { AlertRule, AlertTarget } from "./target/target.ts";

export interface AlerterDeps {
  rows: AlertRows;
  /** The event as it is stored now; null if it was erased, or has expired. */
  find(id: string): Promise<StoredEvent | null>;
  pictures: PictureReader;
  /** Signs links, and hides who is in the names of rows. */
  secret: Buffer;
  /** Gatepost's own address for people, as `https://gate.example`; null if unknown, and then alerts have no links. */
  publicUrl(): string | null;
  /** The time zone of alerts, if the quiet hours of a rule name no other. */
  zone: Zone;
  log: Log;
  clock(): number;
  allowPrivateTargets: boolean;
  /** ms for which another process may still be sending the alert of an entry; 0 if there is only one process. */
  underWayMs: number;
}

/** The result for an entry. `held`: the reason why it got no separate alert. */
export type AlertOutcome = Sent & { held?: "storm" | "quiet" | "cooldown" | "muted" | "erased" | "test" };

const held = (reason: NonNullable<AlertOutcome["held"]>): AlertOutcome => {
  return { ...delivered, held: reason };
};

/**
 * Alerts people of entries of the bus. Its decisions are durable before anything is sent, so that neither a restart nor
 * a failed try makes it send an alert twice, or forget a summary.
 */
export class Alerter {
  readonly #deps: AlerterDeps;
  readonly #gate: AlertGate;
  readonly #links: AlertLinks;
  readonly #summaries: SummarySender;
  /** The same for every process of one store. */
  readonly #server: string;

  constructor(deps: AlerterDeps) {
    this.#deps = deps;
    const names = new AlertRowNames(deps.secret);
    this.#gate = new AlertGate({ rows: deps.rows, names, underWayMs: deps.underWayMs, clock: deps.clock });
    this.#links = new AlertLinks(deps);
    this.#server = createHmac("sha256", deps.secret).update("server").digest("hex").slice(0, 12);
    this.#summaries = new SummarySender({ ...deps, gate: this.#gate, links: this.#links });
  }

  /**
   * Sends the alerts of an entry, as EventBridge delivers it. Throws if the channel gave no answer, or the entry is not
   * one of Gatepost.
   */
  async deliver(
    { entryId, envelope }: { entryId: string; envelope: unknown },
    { name, target }: AlertRule,
    timeouts: Timeouts,
  ): Promise<AlertOutcome> {
    // The announcement of a check also arrives here; it must not wake anyone.
    if (isTest(envelope)) return held("test");
    const subject = await subjectOf(envelope, this.#deps.find);
    if (subject === null) return held("erased");
    const sender = senders[target.type];
    const picture = await pictureOf(subject, sender.pictureBytes, this.#deps);
    const messages = sender.messagesFor({ picture });
    const aSecond = sender.messagesASecond;
    const verdict = await this.#gate.pass({ entryId, rule: name, subject, target, messages, aSecond });
    if (verdict === "told") return delivered;
    if (verdict !== "tell") return held(verdict);
    const links = this.#links.of(subject, name);
    const message = messageOf(subject, { rule: name, target, zone: this.#zoneOf(target), links, picture });
    const sent = await this.#send(message, target, timeouts);
    if (sent.failure === null) await this.#told({ entryId, rule: name, subject, target });
    return this.#noted(name, sent);
  }

  /**
   * Sends the summary of a rule if it is due. A refusal of the channel does not throw: the summary is tried again. Null
   * if nothing was sent.
   */
  summarise(rule: AlertRule, timeouts: Timeouts): Promise<Sent | null> {
    const send = (message: Message) => this.#send(message, rule.target, timeouts);
    return this.#summaries.send(rule, this.#zoneOf(rule.target), send);
  }

  /** The number of entries that wait for the summary of a rule. */
  waiting(rule: string): Promise<number> {
    return this.#summaries.waiting(rule);
  }

  /** Sends a message that is a test, past cooldown and quiet hours. */
  async test({ name, target }: AlertRule, timeouts: Timeouts): Promise<Sent> {
    const isFree = await this.#gate.claim(target, {
      messages: 1,
      isUrgent: true,
      box: null,
      aSecond: senders[target.type].messagesASecond,
    });
    if (!isFree) {
      const failure = "the channel had all messages that it takes now; test it in a minute";
      return { status: null, failure, isRefused: false };
    }
    const message = testMessage({ rule: name, target, zone: this.#zoneOf(target), now: this.#deps.clock() });
    return this.#send(message, target, timeouts);
  }

  /** Sends a message. If the channel asks to be left alone, no rule sends over it for that time. */
  async #send(message: Message, target: AlertTarget, timeouts: Timeouts): Promise<Sent> {
    const sent = await senders[target.type].send(message, target, this.#sending(timeouts));
    const { retryAfterMs = 0 } = sent;
    if (retryAfterMs > 0) {
      await this.#gate.close(target, retryAfterMs).catch((cause: unknown) => {
        this.#deps.log.warn("a channel asks to be left alone, which could not be noted", { cause });
      });
    }
    return sent;
  }

  /** Notes that the channel took an alert. A failure to note it is only logged: the alert must not be sent again. */
  async #told(entry: Parameters<AlertGate["told"]>[0]): Promise<void> {
    await this.#gate.told(entry).catch((cause: unknown) => {
      this.#deps.log.warn("an alert was sent, which could not be noted", { rule: entry.rule, cause });
    });
  }

  #noted(rule: string, sent: Sent): Sent {
    if (sent.warning !== undefined) this.#deps.log.warn("alert sent without all of it", { rule, reason: sent.warning });
    return sent;
  }

  #zoneOf({ quiet }: AlertTarget): Zone {
    return quiet?.zone ?? this.#deps.zone;
  }

  #sending(timeouts: Timeouts): SendDeps {
    const { clock, allowPrivateTargets } = this.#deps;
    return {
      ...timeouts,
      clock,
      server: this.#server,
      allowPrivateTargets,
      isPublic: isOverInternet,
      post: (outgoing, limits) => post({ ...outgoing, isEncryptedTo: isOverInternet }, limits),
    };
  }
}
