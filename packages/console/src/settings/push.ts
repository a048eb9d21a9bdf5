import type { Api } from "@gatepost/client";
import { prefer, preferences } from "../state/preferences.ts";
import { gatepost } from "../state/session.ts";
import { activeWorker } from "../state/worker.ts";

export type Browser = Api["GET /v1/push"]["answer"]["mine"][number];
export type PushChange = Api["PATCH /v1/push/subscriptions/{id}"]["body"];

/** Why this browser cannot have notifications; null if it can. */
export type Obstacle = "http" | "none" | "denied" | null;

export function obstacle(): Obstacle {
  if (!isSecureContext) return "http";
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return "none";
  return Notification.permission === "denied" ? "denied" : null;
}

/** The subscription of this browser; null if the person gets no notifications in it. */
export async function ownSubscription(): Promise<Browser | null> {
  const local = obstacle() === null ? await localSubscription() : null;
  if (local === null) return null;
  const [id, { mine }] = await Promise.all([idOf(local), gatepost().ask("GET /v1/push")]);
  return mine.find((one) => one.id === id) ?? null;
}

/** Has this browser notified. Asks the person for the permission, so a click must precede it. */
export async function subscribe(): Promise<"denied" | "no service" | null> {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  const { publicKey } = await gatepost().ask("GET /v1/push");
  const { pushManager } = await activeWorker();
  try {
    const asked = { userVisibleOnly: true, applicationServerKey: publicKey };
    // A subscription for the keys of another server, as before the data folder was made anew, is in the way.
    await (await pushManager.getSubscription())?.unsubscribe();
    await send(await pushManager.subscribe(asked));
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

/** Subscribes this browser again if the server ended that, as with a new password, and tells it of a new language. */
export async function keepSubscription(): Promise<void> {
  const { language } = preferences.value;
  const local = obstacle() === null ? await localSubscription() : null;
  if (local === null) return;
  const own = await ownSubscription();
  if (own === null) await send(local);
  else if (own.language !== language) await change(own.id, { language });
}

/** Sends a test, and resolves with its answer and the ms after which it was shown here; null after 20 s without that. */
export async function test(id: string): Promise<{ why: TestAnswer["why"]; ms: number | null }> {
  const begun = performance.now();
  const end = new AbortController();
  const shown = new Promise<number | null>((resolve) => {
    setTimeout(() => resolve(null), shownWithinMs);
    const note = ({ data }: MessageEvent) => data?.shown === "test" && resolve(performance.now() - begun);
    navigator.serviceWorker.addEventListener("message", note, { signal: end.signal });
  });
  try {
    const { why } = await gatepost().ask("POST /v1/push/subscriptions/{id}/test", { path: { id } });
    return { why, ms: why === null ? await shown : null };
  } finally {
    end.abort();
  }
}

type TestAnswer = Api["POST /v1/push/subscriptions/{id}/test"]["answer"];

const shownWithinMs = 20_000;

async function send(subscription: PushSubscription): Promise<void> {
  const { endpoint, keys: { p256dh = "", auth = "" } = {} } = subscription.toJSON();
  if (endpoint === undefined) return;
  const { language } = preferences.value;
  await gatepost().send("POST /v1/push/subscriptions", {
    body: { subscription: { endpoint, keys: { p256dh, auth } }, kinds: ["blacklist"], language },
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
