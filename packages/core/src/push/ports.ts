import type { PushContact } from "./contact.ts";
import type { PushKeys } from "./keys.ts";
import type { PushTarget, Subscription } from "./subscription.ts";
import type { PushSubscriptions } from "./subscriptions.ts";

/** The result of a test of a subscription. */
export interface PushTest {
  /** Whether the push service took it. */
  sent: boolean;
  /** The answer of the push service; null if there was none. */
  status: number | null;
  ms: number;
  /** Why it was not sent; null if it was. `gone`: the browser has no subscription any more. */
  why: "no way out" | "refused" | "gone" | "too many" | null;
  /** The words of the push service, 200 characters at most; null if it gave none. */
  reason: string | null;
}

/** Sends notifications for the API. */
export interface PushSender {
  /** Why a target cannot be used; null if it can. Asks no DNS: a name is resolved when something is sent to it. */
  faultOf(target: PushTarget): string | null;
  test(subscription: Subscription): Promise<PushTest>;
}

/** Notifications, by the ways in which routes use them. */
export interface PushPorts {
  subscriptions: PushSubscriptions;
  keys: Pick<PushKeys, "read">;
  contact: Pick<PushContact, "read" | "keep">;
  sender: PushSender;
}
