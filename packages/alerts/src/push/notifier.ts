import { type AccountPorts, boxesSeenBy, isOfNow } from "@gatepost/core/accounts";
import type { Log } from "@gatepost/core/log";
import {
  type PushContact,
  type PushKeys,
  type PushSender,
  type PushSubscriptions,
  type PushTarget,
  type PushTest,
  pushKeyFault,
  type Subscription,
} from "@gatepost/core/push";
import type { Rolls } from "@gatepost/core/rolls";
import type { SeenMarks } from "@gatepost/core/seen";
import { type FaceEvent, hourMs, minuteMs, type StoredEvent, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import { isUrgent, type Subject, subjectOf } from "../message/subject.ts";
import { privateHost } from "../net/addresses.ts";
import { post, type Reply, type Timeouts } from "../net/post.ts";
import { contentOf, kindOf, type PushContent, testContent, type Withdrawal } from "./content.ts";
import { encrypted } from "./encrypt.ts";
import { vapidHeader } from "./vapid.ts";

/** ms after which an entry is no news any more. */
const newsForMs = hourMs;

/** Seconds for which a push service keeps a notification for a browser that it does not reach. */
const keptSeconds = newsForMs / secondMs;

/** Notifications of one browser in a minute: of strangers and boxes, and of all. */
const usualAMinute = 6;
const mostAMinute = 20;

/** Characters of the words of a push service. */
const maxReason = 200;

/** ms for one test. */
const testTimeoutMs = 8000;

export interface NotifierDeps {
  subscriptions: PushSubscriptions;
  keys: Pick<PushKeys, "read">;
  accounts: Pick<AccountPorts, "get">;
  /** The boxes of a site. */
  sites: { boxesOf(site: string): Promise<readonly string[]> };
  rolls: Pick<Rolls, "get">;
  marks: Pick<SeenMarks, "among">;
  /** The event as it is stored now; null if it was erased, or has expired. */
  find(id: string): Promise<StoredEvent | null>;
  /** The same events with display names. */
  label(events: readonly FaceEvent[]): Promise<FaceEvent[]>;
  /** Signs links to pictures. */
  secret: Buffer;
  /** How push services can reach the operator. */
  contact: Pick<PushContact, "read">;
  allowPrivateTargets: boolean;
  log: Log;
  clock(): number;
}

/** The result for an entry and one browser. `held`: the reason why the browser got no notification of it. */
export interface Notified {
  /** Why it must be tried again; null if it need not be. */
  failure: string | null;
  status: number | null;
  retryAfterMs?: number;
  /** The words of a push service that did not take it. */
  reason?: string;
  held?: "gone" | "refused" | "old" | "erased" | "unasked" | "unseen" | "over" | "told" | "storm";
}

const held = (reason: NonNullable<Notified["held"]>): Notified => ({ failure: null, status: null, held: reason });

const acknowledged = z.object({
  "detail-type": z.literal("Event Acknowledged"),
  detail: z.object({ acknowledgement: z.object({ events: z.array(z.string()) }) }),
});

const ended = z.object({
  "detail-type": z.literal("Evacuation Ended"),
  detail: z.object({ roll: z.object({ id: z.string() }) }),
});

/** The events, or the evacuation list, of which no browser needs a notification any more; null if there is none. */
function overIn(envelope: unknown): readonly string[] | null {
  const roll = ended.safeParse(envelope).data?.detail.roll.id;
  return roll === undefined ? (acknowledged.safeParse(envelope).data?.detail.acknowledgement.events ?? null) : [roll];
}

const dated = z.object({ time: z.iso.datetime() });

/** Notifies browsers of entries of the bus, and takes notifications away again. */
export class Notifier implements PushSender {
  readonly #deps: NotifierDeps;

  constructor(deps: NotifierDeps) {
    this.#deps = deps;
  }

  faultOf({ endpoint, keys }: PushTarget): string | null {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
    if (url?.protocol !== "https:" || url.username !== "" || url.password !== "") {
      return "endpoint: must be the https address that the browser gave";
    }
    const host = this.#deps.allowPrivateTargets ? null : privateHost(url);
    return host === null ? pushKeyFault(keys) : `endpoint: ${host} is no public host`;
  }

  /**
   * Notifies one browser of an entry, as EventBridge delivers it. Entries may be repeated, and be in any order: a browser
   * is notified once, and of nothing that is over. Throws if the push service gave no answer.
   */
  async notify(
    id: string,
    { entryId, envelope }: { entryId: string; envelope: unknown },
    timeouts: Timeouts,
  ): Promise<Notified> {
    const subscription = await this.#deps.subscriptions.get(id);
    if (subscription === null) return held("gone");
    const boxes = await this.#boxesOf(subscription);
    if (boxes === "gone") return held("gone");
    const over = overIn(envelope);
    if (over !== null) return this.#withdraw(subscription, over, timeouts);
    if (this.#isOld(envelope)) return held("old");
    const subject = await this.#subjectOf(envelope);
    if (subject === null) return held("erased");
    const whyNot = await this.#whyNot(subject, subscription, boxes);
    if (whyNot !== null) return held(whyNot);
    const { leftOut } = subscription.rate;
    const signing = { cursorSecret: this.#deps.secret, clock: this.#deps.clock };
    const content = contentOf(subject, { subscription, leftOut, signing });
    const about = subject.roll ?? subject.event?.id ?? entryId;
    if (subscription.told.some(([one, tag]) => one === about && tag === content.tag)) return held("told");
    const [limit, urgency] = isUrgent(subject) ? ([mostAMinute, "high"] as const) : ([usualAMinute, "normal"] as const);
    if (!(await this.#claim(subscription, { by: entryId, most: limit }))) return held("storm");
    return this.#sent(subscription, { content, urgency, told: [about, content.tag] }, timeouts);
  }

  async test(subscription: Subscription): Promise<PushTest> {
    const begun = performance.now();
    const ms = () => Math.round(performance.now() - begun);
    if (!(await this.#claim(subscription, { by: "", most: usualAMinute }))) {
      return { sent: false, status: null, ms: ms(), why: "too many", reason: null };
    }
    const content = testContent(subscription, this.#deps.clock());
    const timeouts = { timeoutMs: testTimeoutMs, signal: AbortSignal.timeout(testTimeoutMs) };
    try {
      const sending = { content, urgency: "high", told: null } as const;
      const { status, failure, held: kept, reason = null } = await this.#sent(subscription, sending, timeouts);
      const isSent = failure === null && kept === undefined;
      const why = kept === "gone" ? kept : isSent ? null : "refused";
      return { sent: isSent, status, ms: ms(), why, reason };
    } catch (cause) {
      this.#deps.log.warn("push service not reached", { subscription: subscription.id, cause });
      return { sent: false, status: null, ms: ms(), why: "no way out", reason: null };
    }
  }

  /** The boxes that its account sees, null for all. `gone`: its account or its sessions have ended. */
  async #boxesOf({ id, account: owner, epoch, session }: Subscription): Promise<readonly string[] | null | "gone"> {
    const account = await this.#deps.accounts.get(owner);
    if (account !== null && isOfNow(account, { session, epoch })) return boxesSeenBy(account, this.#deps.sites);
    await this.#deps.subscriptions.remove(id, owner);
    return "gone";
  }

  #isOld(envelope: unknown): boolean {
    const time = dated.safeParse(envelope).data?.time;
    return time !== undefined && this.#deps.clock() - Date.parse(time) > newsForMs;
  }

  /** Whether the box of a subject, or a box of the site of an evacuation, is among these; null: all are. */
  async #isSeen({ roll, box }: Subject, boxes: readonly string[] | null): Promise<boolean> {
    if (boxes === null) return true;
    const places = roll === undefined ? [box] : await this.#deps.sites.boxesOf(box);
    return places.some((one) => boxes.includes(one));
  }

  /** Why a browser gets no notification of a subject; null if it gets one. */
  async #whyNot(
    subject: Subject,
    { kinds }: Subscription,
    boxes: readonly string[] | null,
  ): Promise<"unasked" | "unseen" | "over" | null> {
    const kind = kindOf(subject);
    if (kind === null || (kind !== "evacuation" && !kinds.includes(kind))) return "unasked";
    if (!(await this.#isSeen(subject, boxes))) return "unseen";
    return (await this.#isOver(subject)) ? "over" : null;
  }

  /** Whether a person has dealt with the event, or closed the evacuation list. */
  async #isOver({ roll, event }: Subject): Promise<boolean> {
    const { rolls, marks } = this.#deps;
    if (roll !== undefined) return (await rolls.get(roll))?.closed !== null;
    return event !== null && (await marks.among([event.id])).has(event.id);
  }

  async #subjectOf(envelope: unknown): Promise<Subject | null> {
    const subject = await subjectOf(envelope, this.#deps.find);
    if (subject?.event == null) return subject;
    const [event = subject.event] = await this.#deps.label([subject.event]);
    return { ...subject, event };
  }

  /** Takes notifications of acknowledged events away; none if the browser got none. */
  async #withdraw(subscription: Subscription, events: readonly string[], timeouts: Timeouts): Promise<Notified> {
    const tags = subscription.told.flatMap(([event, tag]) => (events.includes(event) ? [tag] : []));
    if (tags.length === 0) return held("unasked");
    const content: Withdrawal = { tags: [...new Set(tags)], badge: subscription.badge, withdraw: true };
    return this.#sent(subscription, { content, urgency: "normal", told: null }, timeouts);
  }

  /** Counts a notification; false if the browser had too many in this minute. */
  async #claim(subscription: Subscription, claim: { by: string; most: number }): Promise<boolean> {
    const { id, rate } = subscription;
    const { by, most } = claim;
    if (by !== "" && rate.by === by) return true;
    const now = this.#deps.clock();
    // If the clock was set back, the minute that is dated ahead does not count.
    const isSameMinute = Math.abs(now - rate.since) < minuteMs;
    const sent = isSameMinute ? rate.sent : 0;
    const since = isSameMinute ? rate.since : now;
    const isFree = sent < most;
    const after = isFree
      ? { since, sent: sent + 1, leftOut: 0, by }
      : { since, sent, leftOut: rate.leftOut + 1, by: rate.by };
    if (await this.#deps.subscriptions.noteRate(subscription, after)) return isFree;
    const current = await this.#deps.subscriptions.get(id);
    return current !== null && this.#claim(current, claim);
  }

  async #sent(subscription: Subscription, { content, urgency, told }: Sending, timeouts: Timeouts): Promise<Notified> {
    const { subscriptions, log } = this.#deps;
    const { status, text, retryAfterMs } = await this.#ask(subscription, content, urgency, timeouts);
    if (status >= 200 && status < 300) {
      await subscriptions.noteSent(subscription, told);
      return { failure: null, status };
    }
    if (status === 404 || status === 410) {
      await subscriptions.remove(subscription.id, subscription.account);
      return { ...held("gone"), status };
    }
    const failure = `push service answered ${status}`;
    const reason = reasonIn(text);
    const words = reason === "" ? {} : { reason };
    if (status === 429 || status >= 500) return { failure, status, retryAfterMs, ...words };
    log.warn("notification refused", { subscription: subscription.id, status, ...words });
    return { ...held("refused"), status, ...words };
  }

  async #ask(
    { endpoint, keys }: Subscription,
    content: PushContent | Withdrawal,
    urgency: string,
    timeouts: Timeouts,
  ): Promise<Reply> {
    const { clock, allowPrivateTargets: allowPrivate } = this.#deps;
    const [vapidKeys, contact] = await Promise.all([this.#deps.keys.read(), this.#deps.contact.read()]);
    const headers = {
      authorization: vapidHeader(vapidKeys, { endpoint, contact, now: clock() }),
      "content-encoding": "aes128gcm",
      "content-type": "application/octet-stream",
      ttl: `${keptSeconds}`,
      urgency,
    };
    const body = encrypted(Buffer.from(JSON.stringify(content)), keys);
    return post({ url: new URL(endpoint), headers, body, allowPrivate }, timeouts);
  }
}

/** The words of a push service in one line. */
function reasonIn(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, maxReason)
    .toWellFormed();
}

interface Sending {
  content: PushContent | Withdrawal;
  urgency: "high" | "normal";
  /** The event, evacuation list or entry that it is about, and its tag; null of a test or a withdrawal. */
  told: readonly [event: string, tag: string] | null;
}
