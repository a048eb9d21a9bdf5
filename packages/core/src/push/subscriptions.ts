import { absent, all, any, equals, type Items, type List, placeAt, present } from "@gatepost/store";
import { type Account, isOfNow } from "../accounts/index.ts";
import { GatepostError } from "../errors/errors.ts";
import {
  choiceAttributes,
  everySubscription,
  isSubscriptionId,
  type PushChoice,
  type PushRate,
  type PushTarget,
  type Subscription,
  subscriptionId,
  subscriptionIn,
  subscriptions,
  subscriptionsOf,
} from "./subscription.ts";

/** Browsers of one account, and of all. */
const maxOfAccount = 10;
const maxOfAll = 1000;

/** Events of which a browser was notified that are remembered, so that their notifications can be withdrawn. */
const maxTold = 30;

interface Deps {
  items: Items;
  /** ms since 1970. */
  clock(): number;
  /** Called after each change of who gets what, once it is durable. */
  changed?(): Promise<void>;
}

/** Who subscribes: an account, and the session and the browser that it uses. */
export interface Subscriber {
  account: Pick<Account, "id" | "isDisabled" | "epoch" | "keptSession">;
  session: string;
  name: string | null;
}

/** Browsers that get notifications with their page closed. */
export class PushSubscriptions {
  readonly #items: Items;
  readonly #clock: () => number;
  readonly #changed: () => Promise<void>;

  constructor({ items, clock, changed = async () => undefined }: Deps) {
    this.#items = items;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** All subscriptions that can be read, the oldest first. One of the last second may be missing on AWS. */
  all(): Promise<Subscription[]> {
    return this.#list(everySubscription);
  }

  /** The same of an account. */
  of(account: string): Promise<Subscription[]> {
    return this.#list(subscriptionsOf(account));
  }

  /** Those of an account whose sessions have not ended. The others are removed once there is something to tell. */
  async liveOf(account: Subscriber["account"]): Promise<Subscription[]> {
    return (await this.of(account.id)).filter((one) => isOfNow(account, one));
  }

  async get(id: string): Promise<Subscription | null> {
    const item = isSubscriptionId(id) ? await this.#items.get(id) : null;
    return item === null ? null : subscriptionIn(id, subscriptions.read(item));
  }

  /**
   * Subscribes a browser, or subscribes it anew: it then belongs to this account alone. Throws 409 if the account has
   * too many browsers.
   */
  async put({ endpoint, keys }: PushTarget, choice: PushChoice, by: Subscriber): Promise<Subscription> {
    const id = subscriptionId(endpoint);
    const { account, session, name } = by;
    await this.#requireRoom(id, account);
    const madeAt = this.#clock();
    const placed = {
      byTime: everySubscription.name,
      byBox: subscriptionsOf(account.id).name,
      at: placeAt(madeAt, id),
    };
    await this.#items.write(
      subscriptions.record(
        subscriptions.id(id),
        {
          account: account.id,
          epoch: account.epoch,
          session,
          endpoint,
          ...keys,
          madeAt,
          ...placed,
          name: (name ?? "").slice(0, 200),
          kinds: JSON.stringify(choice.kinds),
          language: choice.language,
          locked: choice.locked ? 1 : 0,
          badge: choice.badge ? 1 : 0,
          told: "[]",
        },
        all(),
      ),
    );
    await this.#changed();
    return {
      id,
      endpoint,
      keys,
      ...choice,
      session,
      account: account.id,
      epoch: account.epoch,
      name: name ?? "",
      lastAt: null,
      rate: { since: 0, sent: 0, leftOut: 0, by: "" },
      told: [],
    };
  }

  /** Changes what a browser of an account gets. Null if the account has no such browser. */
  async change(id: string, account: string, choice: Partial<PushChoice>): Promise<Subscription | null> {
    if (!isSubscriptionId(id)) return null;
    const change = { set: choiceAttributes(choice), when: equals("account", account) };
    const { applied } = await this.#items.write(subscriptions.change(subscriptions.id(id), change));
    if (!applied) return null;
    await this.#changed();
    return this.get(id);
  }

  /** False if the account has no such browser. */
  async remove(id: string, account: string): Promise<boolean> {
    if (!isSubscriptionId(id)) return false;
    const removed = await this.#items.remove(id, equals("account", account));
    if (removed !== null) await this.#changed();
    return removed !== null;
  }

  /** Ends the subscriptions that were made in a session. */
  async endOf({ session, account }: { session: string; account: string }): Promise<void> {
    const ended = (await this.of(account)).filter((one) => one.session === session);
    for (const { id } of ended) await this.remove(id, account);
  }

  /** Hands the subscriptions of a session on to another one of the same browser, whose account is as of now. */
  async handOn(ended: string, { account, session }: Omit<Subscriber, "name">): Promise<void> {
    const set = { session, epoch: account.epoch };
    const when = all(equals("account", account.id), equals("session", ended));
    for (const one of (await this.of(account.id)).filter((found) => found.session === ended))
      await this.#items.write(subscriptions.change(subscriptions.id(one.id), { set, when }));
  }

  /**
   * Notes the notifications of the running minute, before one is sent or left out. False if they have changed since they
   * were read.
   */
  async noteRate({ id, rate }: Subscription, { since, sent, leftOut, by }: PushRate): Promise<boolean> {
    const set = { rateSince: since, rateSent: sent, leftOut, rateBy: by };
    const counted = all(
      equals("rateSince", rate.since),
      equals("rateSent", rate.sent),
      equals("leftOut", rate.leftOut),
    );
    const when = all(present(), rate.since === 0 ? absent("rateSince") : counted);
    return (await this.#items.write(subscriptions.change(subscriptions.id(id), { set, when }))).applied;
  }

  /** Notes that the push service took a notification, and of which event; null if it was of none. */
  async noteSent({ id, told }: Subscription, event: readonly [event: string, tag: string] | null): Promise<void> {
    const now = event === null ? told : [...told.filter(([one]) => one !== event[0]), event].slice(-maxTold);
    const set = { lastAt: this.#clock(), told: JSON.stringify(now) };
    const asRead = any(absent("told"), equals("told", JSON.stringify(told)));
    const change = subscriptions.change(subscriptions.id(id), { set, when: all(present(), asRead) });
    if ((await this.#items.write(change)).applied) return;
    // Another process has notified the browser at the same time, or the subscription has ended.
    const current = await this.get(id);
    if (current !== null) await this.noteSent(current, event);
  }

  async #requireRoom(id: string, account: Subscriber["account"]): Promise<void> {
    const others = (await this.all()).filter((one) => one.id !== id);
    if (others.filter((one) => one.account === account.id && isOfNow(account, one)).length >= maxOfAccount) {
      const problem = `${maxOfAccount} browsers of yours get notifications; turn them off in one of these first`;
      throw new GatepostError("conflict", problem);
    }
    if (others.length >= maxOfAll) {
      throw new GatepostError("conflict", `${maxOfAll} browsers get notifications; no more can`);
    }
  }

  async #list(list: List): Promise<Subscription[]> {
    const found: Subscription[] = [];
    for await (const { pk, item } of this.#items.list({ lists: [list], order: "ascending" })) {
      const stored = subscriptions.readable(item);
      if (stored !== null) found.push(subscriptionIn(pk, stored));
    }
    return found;
  }
}
