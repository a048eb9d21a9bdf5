import type { Log } from "@gatepost/ingest";
import type { StoredEvent } from "@gatepost/protocol";
import { AlertRowNames, type AlertRows, type PictureReader, type Zone } from "@gatepost/query";
import { senders } from "./channels/senders.ts";
import { delivered, type SendDeps, type Sent } from "./channels/sending.ts";
import { AlertGate } from "./gate/gate.ts";
import { AlertLinks } from "./links.ts";
import { messageOf, testMessage } from "./message/message.ts";
import { isTest, subjectOf } from "./message/subject.ts";
import { isPublic } from "./net/addresses.ts";
import { post, type Timeouts } from "./net/post.ts";
import { pictureOf } from "./picture.ts";
import { SummarySender } from "./summary-sender.ts";
import type { AlertRule, AlertTarget } from "./target/target.ts";

export interface AlerterDeps {
  rows: AlertRows;
  /** The event as it is stored now; null where it was erased, or has expired. */
  find(id: string): Promise<StoredEvent | null>;
  pictures: PictureReader;
  /** Signs links, and hides who is in the names of rows. */
  secret: Buffer;
  /** Where people reach Gatepost, as `https://gate.example`; null where nobody knows, and then alerts have no links. */
  publicUrl(): string | null;
  /** Whose clocks alerts show, where the quiet hours of a rule name no other. */
  zone: Zone;
  log: Log;
  clock(): number;
  allowPrivateTargets: boolean;
  /** ms for which another process may still be telling of an entry under the same rule; 0 where there is no other. */
  underWayMs: number;
}

/** What became of an entry: `held` was not told of by itself, or not at all, and why. */
export type AlertOutcome = Sent & { held?: "storm" | "quiet" | "cooldown" | "muted" | "erased" | "test" };

const held = (reason: NonNullable<AlertOutcome["held"]>): AlertOutcome => {
  return { ...delivered, held: reason };
};

/**
 * Tells people of entries of the bus. What it decides is durable before anything is sent, so that neither a restart nor
 * a try that failed makes it tell of something twice, or forget a summary.
 */
export class Alerter {
  readonly #deps: AlerterDeps;
  readonly #gate: AlertGate;
  readonly #links: AlertLinks;
  readonly #summaries: SummarySender;

  constructor(deps: AlerterDeps) {
    this.#deps = deps;
    const names = new AlertRowNames(deps.secret);
    this.#gate = new AlertGate({ rows: deps.rows, names, underWayMs: deps.underWayMs, clock: deps.clock });
    this.#links = new AlertLinks(deps);
    this.#summaries = new SummarySender({ ...deps, gate: this.#gate, links: this.#links });
  }

  /** Tells of an entry, as EventBridge delivers it. Throws where the channel gave no answer, or the entry is none. */
  async deliver(
    { entryId, envelope }: { entryId: string; envelope: unknown },
    { name, target }: AlertRule,
    timeouts: Timeouts,
  ): Promise<AlertOutcome> {
    // A check goes the whole way of an announcement; nobody is to be woken by it.
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
    const sent = await sender.send(message, target, this.#sending(timeouts));
    if (sent.failure === null) await this.#told({ entryId, rule: name, subject });
    return this.#noted(name, sent);
  }

  /** Sends the summary of a rule that is due. Never throws for what a channel says: the summary stays, and comes again. */
  async summarise(rule: AlertRule, timeouts: Timeouts): Promise<void> {
    await this.#summaries.send(rule, this.#zoneOf(rule.target), this.#sending(timeouts));
  }

  /** Sends a message that is a test, past cooldown and quiet hours. */
  async test({ name, target }: AlertRule, timeouts: Timeouts): Promise<Sent> {
    const isFree = await this.#gate.claim(target, {
      ...{ messages: 1, isUrgent: true },
      aSecond: senders[target.type].messagesASecond,
    });
    if (!isFree) {
      const failure = "the channel had all messages that it takes now; test it in a minute";
      return { status: null, failure, isRefused: false };
    }
    const message = testMessage({ rule: name, target, zone: this.#zoneOf(target), now: this.#deps.clock() });
    return senders[target.type].send(message, target, this.#sending(timeouts));
  }

  /** The channel has it: that this could not be noted is no reason to send it again. */
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
      ...{ ...timeouts, clock, allowPrivateTargets, isPublic },
      post: (outgoing, limits) => post({ ...outgoing, isEncryptedTo: isPublic }, limits),
    };
  }
}
