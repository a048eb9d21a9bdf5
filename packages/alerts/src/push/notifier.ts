import { type AccountPorts, boxesSeenBy } from "@gatepost/core/accounts";
import type { Log } from "@gatepost/core/log";
import {
  type PushKeys,
  type PushSender,
  type PushSubscriptions,
  type PushTarget,
  type PushTest,
  pushKeyFault,
  type Subscription,
} from "@gatepost/core/push";
import { type FaceEvent, hourMs, minuteMs, type StoredEvent, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import { type Subject, subjectOf } from "../message/subject.ts";
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

/** ms for one test. */
const testTimeoutMs = 8000;

export interface NotifierDeps {
  subscriptions: PushSubscriptions;
  keys: Pick<PushKeys, "read">;
  accounts: Pick<AccountPorts, "get">;
  /** The boxes of a site. */
  sites: { boxesOf(site: string): Promise<readonly string[]> };
  /** The event as it is stored now; null if it was erased, or has expired. */
  find(id: string): Promise<StoredEvent | null>;
  /** The same events with display names. */
  label(events: readonly FaceEvent[]): Promise<FaceEvent[]>;
  /** Signs links to pictures. */
  secret: Buffer;
  /** Gatepost's own address for people, by which push services know who sends; null if unknown. */
  publicUrl(): string | null;
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
  held?: "gone" | "refused" | "old" | "erased" | "unasked" | "unseen" | "storm" | "unknown";
}

const held = (reason: NonNullable<Notified["held"]>): Notified => ({ failure: null, status: null, held: reason });

const acknowledged = z.object({
  "detail-type": z.literal("Event Acknowledged"),
  detail: z.object({ acknowledgement: z.object({ events: z.array(z.string()) }) }),
});

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
   * Notifies one browser of an entry, as EventBridge delivers it. A notification that was sent twice takes its own
   * place, so this may be repeated. Throws if the push service gave no answer.
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
    const acknowledgement = acknowledged.safeParse(envelope).data?.detail.acknowledgement;
    if (acknowledgement !== undefined) return this.#withdraw(subscription, acknowledgement.events, timeouts);
    if (this.#isOld(envelope)) return held("old");
    const subject = await this.#subjectOf(envelope);
    if (subject === null) return held("erased");
    const kind = kindOf(subject);
    if (kind === null || !subscription.kinds.includes(kind)) return held("unasked");
    if (boxes !== null && !boxes.includes(subject.box)) return held("unseen");
    const { leftOut } = subscription.rate;
    const most = kind === "blacklist" ? mostAMinute : usualAMinute;
    if (!(await this.#claim(subscription, { by: entryId, most }))) return held("storm");
    const signing = { cursorSecret: this.#deps.secret, clock: this.#deps.clock };
    const content = contentOf(subject, { subscription, leftOut, signing });
    const urgency = kind === "blacklist" ? "high" : "normal";
    const told = subject.event && ([subject.event.id, content.tag] as const);
    return this.#sent(subscription, { content, urgency, told }, timeouts);
  }

  async test(subscription: Subscription): Promise<PushTest> {
    const begun = performance.now();
    const ms = () => Math.round(performance.now() - begun);
    if (!(await this.#claim(subscription, { by: "", most: usualAMinute }))) {
      return { sent: false, status: null, ms: ms(), why: "too many" };
    }
    const content = testContent(subscription, this.#deps.clock());
    const timeouts = { timeoutMs: testTimeoutMs, signal: AbortSignal.timeout(testTimeoutMs) };
    try {
      const {
        status,
        failure,
        held: why,
      } = await this.#sent(subscription, { content, urgency: "high", told: null }, timeouts);
      if (why === "gone") return { sent: false, status, ms: ms(), why };
      return { sent: failure === null && why === undefined, status, ms: ms(), why: failure || why ? "refused" : null };
    } catch (cause) {
      this.#deps.log.warn("push service not reached", { subscription: subscription.id, cause });
      return { sent: false, status: null, ms: ms(), why: "no way out" };
    }
  }

  /** The boxes that its account sees, null for all. `gone`: its account or its sessions have ended. */
  async #boxesOf({ id, account: owner, epoch }: Subscription): Promise<readonly string[] | null | "gone"> {
    const account = await this.#deps.accounts.get(owner);
    if (account !== null && !account.isDisabled && account.epoch === epoch)
      return boxesSeenBy(account, this.#deps.sites);
    await this.#deps.subscriptions.remove(id, owner);
    return "gone";
  }

  #isOld(envelope: unknown): boolean {
    const time = dated.safeParse(envelope).data?.time;
    return time !== undefined && this.#deps.clock() - Date.parse(time) > newsForMs;
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
  async #claim({ id, rate }: Subscription, { by, most }: { by: string; most: number }): Promise<boolean> {
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
    await this.#deps.subscriptions.noteRate(id, after);
    return isFree;
  }

  async #sent(subscription: Subscription, { content, urgency, told }: Sending, timeouts: Timeouts): Promise<Notified> {
    const { subscriptions, log } = this.#deps;
    const { status, retryAfterMs } = await this.#ask(subscription, content, urgency, timeouts);
    if (status >= 200 && status < 300) {
      await subscriptions.noteSent(subscription, told);
      return { failure: null, status };
    }
    if (status === 404 || status === 410) {
      await subscriptions.remove(subscription.id, subscription.account);
      return { ...held("gone"), status };
    }
    const failure = `push service answered ${status}`;
    if (status === 429 || status >= 500) return { failure, status, retryAfterMs };
    log.warn("notification refused", { subscription: subscription.id, status });
    return { ...held("refused"), status };
  }

  async #ask(
    { endpoint, keys }: Subscription,
    content: PushContent | Withdrawal,
    urgency: string,
    timeouts: Timeouts,
  ): Promise<Reply> {
    const { publicUrl, clock, allowPrivateTargets: allowPrivate } = this.#deps;
    const own = publicUrl();
    // Push services want to know whom to write to; they take no address of this machine.
    const contact = own?.startsWith("https:") ? new URL(own).origin : "mailto:gatepost@gatepost.example";
    const headers = {
      authorization: vapidHeader(await this.#deps.keys.read(), { endpoint, contact, now: clock() }),
      "content-encoding": "aes128gcm",
      "content-type": "application/octet-stream",
      ttl: `${keptSeconds}`,
      urgency,
    };
    const body = encrypted(Buffer.from(JSON.stringify(content)), keys);
    return post({ url: new URL(endpoint), headers, body, allowPrivate }, timeouts);
  }
}

interface Sending {
  content: PushContent | Withdrawal;
  urgency: "high" | "normal";
  /** The event that it is about, and its tag; null if it is about none. */
  told: readonly [event: string, tag: string] | null;
}
