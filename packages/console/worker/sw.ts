/*
 * The service worker of the console, which is alive while no page is open. It shows notifications, takes them away again,
 * and opens their events. It keeps nothing, and answers no request of a page.
 */

declare const self: ServiceWorkerGlobalScope;

// Makes this file a module: `self` is then this one.
export {};

/** The content of a message, as `packages/alerts/src/push/content.ts` makes it. */
interface Shown {
  withdraw: false;
  title: string;
  body: string;
  address: string;
  tag: string;
  image?: string;
  at: number;
  badge: boolean;
}

interface Withdrawn {
  withdraw: true;
  tags: string[];
  badge: boolean;
}

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const message: Shown | Withdrawn | undefined = event.data?.json();
  if (message !== undefined) event.waitUntil(message.withdraw ? takeAway(message) : show(message));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(String(event.notification.data)).then(() => count(null)));
});

self.addEventListener("notificationclose", (event) => event.waitUntil(count(null)));

async function show({ title, body, address, tag, image, at, badge }: Shown): Promise<void> {
  const look = { icon: image ?? "/assets/icon-192.png", badge: "/assets/icon-192.png", timestamp: at };
  await self.registration.showNotification(title, { body, tag, data: address, ...look });
  for (const page of await pages()) page.postMessage({ shown: tag });
  await count(badge);
}

async function takeAway({ tags, badge }: Withdrawn): Promise<void> {
  for (const one of await self.registration.getNotifications()) if (tags.includes(one.tag)) one.close();
  await count(badge);
}

/** Whether the icon shows a number, as the last message said. */
let isCounted = false;

/** Shows on the icon how many notifications wait. Not every browser can. */
async function count(badge: boolean | null): Promise<void> {
  isCounted = badge ?? isCounted;
  const waiting = (await self.registration.getNotifications()).length;
  if (!isCounted && badge === null) return;
  await (isCounted && waiting > 0 ? self.navigator.setAppBadge?.(waiting) : self.navigator.clearAppBadge?.());
}

const pages = () => self.clients.matchAll({ type: "window", includeUncontrolled: true });

/** Opens an address in a page that is open, else in a new one. */
async function open(address: string): Promise<void> {
  if (!address.startsWith("#/")) return;
  const [page] = await pages();
  if (page === undefined) return void (await self.clients.openWindow(`/${address}`));
  page.postMessage({ open: address });
  await page.focus();
}
