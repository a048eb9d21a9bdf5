import type { Api } from "@gatepost/client";
import { prefer, preferences } from "../preferences.ts";
import { gatepost } from "../session.ts";
import { activeWorker } from "../worker.ts";

export type Browser = Api["GET /v1/push"]["answer"]["mine"][number];
export type PushChange = Api["PATCH /v1/push/subscriptions/{id}"]["body"];

/** Why this browser cannot have notifications; null if it can. */
export type Obstacle = "http" | "none" | "denied" | null;

export function obstacle(): Obstacle {
  if (!isSecureContext) return "http";
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return "none";
  return Notification.permission === "denied" ? "denied" : null;
}

/**
 * The subscription of this browser, null if the person gets no notifications in it; and whether push services can reach
 * the operator.
 */
export async function ownSubscription(): Promise<{ own: Browser | null; hasContact: boolean }> {
  if (preferences.peek().hasPush) {
    await keepSubscription().catch((error: unknown) => {
      // Without a push service there is no subscription: the page shows that.
      if (!(error instanceof DOMException)) throw error;
    });
  }
  const local = obstacle() === null ? await localSubscription() : null;
  const { mine, publicKey, hasContact } = await gatepost().ask("GET /v1/push");
  const id = local === null || !isFor(publicKey, local) ? null : await idOf(local);
  return { own: mine.find((one) => one.id === id) ?? null, hasContact };
}

/**
 * Has this browser notified. Asks the person for the permission, so a click must precede it.
 *
 * @param contact the e-mail address by which push services can reach the operator; null if one is known
 */
export async function subscribe(contact: string | null): Promise<"denied" | "no service" | null> {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  const { publicKey } = await gatepost().ask("GET /v1/push");
  try {
    await send(await subscribeAnew(publicKey), { ...usual, ...(contact === null ? {} : { contact }) });
  } catch (error) {
    if (error instanceof DOMException) return "no service";
    throw error;
  }
  prefer({ hasPush: true });
  return null;
}

export async function unsubscribe(id: string): Promise<void> {
  prefer({ hasPush: false });
  await (await localSubscription())?.unsubscribe();
  await gatepost().send("DELETE /v1/push/subscriptions/{id}", { path: { id } });
}

export function change(id: string, to: PushChange): Promise<unknown> {
  return gatepost().send("PATCH /v1/push/subscriptions/{id}", { path: { id }, body: to });
}

/**
 * Subscribes this browser again if the server ended that, as with a new password, or has new keys, as in a new data
 * folder: its push service refuses them for the old subscription. Tells the server of a new language. Two parts of the
 * page may ask for it at once.
 */
export function keepSubscription(): Promise<void> {
  keeping ??= keep().finally(() => {
    keeping = null;
  });
  return keeping;
}

let keeping: Promise<void> | null = null;

async function keep(): Promise<void> {
  const { language } = preferences.value;
  const local = obstacle() === null ? await localSubscription() : null;
  if (local === null) return;
  const [id, { mine, publicKey }] = await Promise.all([idOf(local), gatepost().ask("GET /v1/push")]);
  const subscription = mine.find((one) => one.id === id) ?? null;
  const chosen =
    subscription === null
      ? usual
      : { kinds: subscription.kinds, locked: subscription.locked, badge: subscription.badge };
  if (!isFor(publicKey, local)) await send(await subscribeAnew(publicKey), chosen);
  else if (subscription === null) await send(local, chosen);
  else if (subscription.language !== language) await change(subscription.id, { language });
}

/** Sends a test, and resolves with its answer and the ms after which it was shown here; null after 20 s without that. */
export async function test(id: string): Promise<Pick<TestAnswer, "why" | "reason"> & { ms: number | null }> {
  const begun = performance.now();
  const end = new AbortController();
  const shown = new Promise<number | null>((resolve) => {
    setTimeout(() => resolve(null), shownWithinMs);
    const note = ({ data }: MessageEvent) => data?.shown === "test" && resolve(performance.now() - begun);
    navigator.serviceWorker.addEventListener("message", note, { signal: end.signal });
  });
  try {
    const { why, reason } = await gatepost().ask("POST /v1/push/subscriptions/{id}/test", { path: { id } });
    return { why, reason, ms: why === null ? await shown : null };
  } finally {
    end.abort();
  }
}

type TestAnswer = Api["POST /v1/push/subscriptions/{id}/test"]["answer"];

const shownWithinMs = 20_000;

/** A subscription for the keys of another server is in the way of one for these. */
async function subscribeAnew(publicKey: string): Promise<PushSubscription> {
  const { pushManager } = await activeWorker();
  await (await pushManager.getSubscription())?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

/** Whether a subscription is for the keys of this server. A browser that does not tell is believed. */
function isFor(publicKey: string, { options }: PushSubscription): boolean {
  const key = options.applicationServerKey;
  if (key === null) return true;
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === publicKey;
}

type Chosen = Omit<Api["POST /v1/push/subscriptions"]["body"], "subscription" | "language">;

const usual: Chosen = { kinds: ["blacklist"] };

async function send(subscription: PushSubscription, chosen: Chosen): Promise<void> {
  const { endpoint, keys: { p256dh = "", auth = "" } = {} } = subscription.toJSON();
  if (endpoint === undefined) return;
  const { language } = preferences.value;
  await gatepost().send("POST /v1/push/subscriptions", {
    body: { subscription: { endpoint, keys: { p256dh, auth } }, ...chosen, language },
  });
}

async function localSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** The id that the server gives to a subscription. */
async function idOf({ endpoint }: PushSubscription): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `sub_${hex.slice(0, 18)}`;
}
