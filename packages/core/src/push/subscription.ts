import { createECDH, hash } from "node:crypto";
import { storedJson } from "@gatepost/protocol";
import { type List, listOf } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** What a browser may be notified of. `rules`: rules whose channel is the account. */
export const pushKinds = ["blacklist", "strangers", "rules", "silence"] as const;

export type PushKind = (typeof pushKinds)[number];

export const pushLanguages = ["en", "zh"] as const;

/** What the browser gave: the address of its push service, and the keys for which content is encrypted (base64url). */
export interface PushTarget {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** What a person chooses for one browser. */
export interface PushChoice {
  kinds: readonly PushKind[];
  /** Whether names and faces are in notifications, which a locked screen shows. */
  locked: boolean;
  /** Whether the icon shows a number. */
  badge: boolean;
  language: (typeof pushLanguages)[number];
}

/** A browser that gets notifications of an account. */
export interface Subscription extends PushTarget, PushChoice {
  /** `sub_` and 18 hexadecimal digits. It follows from the endpoint: one browser has one subscription. */
  id: string;
  account: string;
  /** The epoch of the account at the subscription: a change that ends its session ends the subscription, too. */
  epoch: number;
  session: string;
  /** The browser, as it named itself; empty if it did not. */
  name: string;
  /** When the push service last took a notification, ms since 1970; null if it never did. */
  lastAt: number | null;
  /** Notifications of the running minute, and those that were left out since the last one that was sent. */
  rate: PushRate;
  /** The last events of which the browser was notified, the newest last, each with the tag of its notification. */
  told: readonly (readonly [event: string, tag: string])[];
}

export interface PushRate {
  /** When the minute began, ms since 1970. */
  since: number;
  sent: number;
  leftOut: number;
  /** The entry of the bus that was counted last: a further try to send it does not count again. */
  by: string;
}

const zeroOrOne = z.union([z.literal(0), z.literal(1)]);

/** `sub_ID`: a subscription. */
export const subscriptions = new RecordKind(
  "sub_",
  z.object({
    account: z.string(),
    epoch: z.int(),
    session: z.string(),
    endpoint: z.string(),
    p256dh: z.string(),
    auth: z.string(),
    name: z.string(),
    kinds: storedJson(z.array(z.enum(pushKinds))),
    locked: zeroOrOne,
    badge: zeroOrOne,
    language: z.enum(pushLanguages),
    madeAt: z.number(),
    lastAt: z.optional(z.number()),
    rateSince: z.optional(z.number()),
    rateSent: z.optional(z.int()),
    leftOut: z.optional(z.int()),
    rateBy: z.optional(z.string()),
    told: z.optional(storedJson(z.array(z.tuple([z.string(), z.string()])))),
  }),
);

export const everySubscription: List = { index: "byTime", name: "push" };
export const subscriptionsOf = (account: string): List => ({ index: "byBox", name: listOf("push", account) });

export function subscriptionId(endpoint: string): string {
  return subscriptions.pk(hash("sha256", endpoint).slice(0, 18));
}

export function isSubscriptionId(id: string): boolean {
  return /^sub_[0-9a-f]{18}$/.test(id);
}

export function subscriptionIn(id: string, stored: ReturnType<typeof subscriptions.read>): Subscription {
  const { account, epoch, session, endpoint, p256dh, auth, name, kinds, language, lastAt = null, told = [] } = stored;
  const { rateSince: since = 0, rateSent: sent = 0, leftOut = 0, rateBy: by = "" } = stored;
  return {
    id,
    account,
    epoch,
    session,
    endpoint,
    keys: { p256dh, auth },
    name,
    kinds,
    language,
    lastAt,
    told,
    locked: stored.locked === 1,
    badge: stored.badge === 1,
    rate: { since, sent, leftOut, by },
  };
}

/** The attributes of a choice. */
export function choiceAttributes({ kinds, locked, badge, language }: Partial<PushChoice>) {
  const flagOf = (is?: boolean): 0 | 1 | undefined => (is === undefined ? undefined : is ? 1 : 0);
  return { kinds: kinds && JSON.stringify(kinds), locked: flagOf(locked), badge: flagOf(badge), language };
}

/** The first byte of a point that is not compressed: browsers send no other ones (RFC 8291). */
const uncompressed = 4;

/** Why nothing could be encrypted for these keys; null if it can be. */
export function pushKeyFault({ p256dh, auth }: PushTarget["keys"]): string | null {
  if (Buffer.from(auth, "base64url").length !== 16) return "keys.auth: must be 16 bytes in base64url";
  const fault = "keys.p256dh: must be an uncompressed point of P-256 in base64url";
  const point = Buffer.from(p256dh, "base64url");
  if (point[0] !== uncompressed) return fault;
  try {
    const ecdh = createECDH("prime256v1");
    ecdh.generateKeys();
    ecdh.computeSecret(point);
    return null;
  } catch {
    return fault;
  }
}
