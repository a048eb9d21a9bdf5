import { effect } from "@preact/signals";
import { prefer, preferences } from "./preferences.ts";
import { me, signedOut } from "./session.ts";

/**
 * Follows the service worker, if this browser has one: a pressed notification opens its event here. Keeps the
 * subscription of this browser as the person chose it, and ends it when the person signs out.
 */
export function followPush(): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (typeof data?.open === "string" && data.open.startsWith("#/")) location.hash = data.open;
  });
  navigator.serviceWorker.startMessages();
  let wasPerson = false;
  effect(() => {
    const isPerson = me.value?.account != null;
    const hasLeft = wasPerson && !isPerson && signedOut.value === null;
    wasPerson = isPerson;
    if (!preferences.value.hasPush) return;
    // Without an answer the subscription stays as it is until the next time.
    if (isPerson) import("./push/subscription.ts").then(({ keepSubscription }) => keepSubscription()).catch(() => {});
    else if (hasLeft) void end().catch(() => {});
  });
}

async function end(): Promise<void> {
  prefer({ hasPush: false });
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  for (const notification of (await registration?.getNotifications()) ?? []) notification.close();
}
