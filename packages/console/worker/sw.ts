/*
 * The service worker of the console, which is alive while no page is open. It shows notifications, takes them away again,
 * and opens their events. If a page asked for it, it keeps the files of the evacuation list, and answers with them while
 * the server does not. It keeps no answer of the API.
 */

declare const self: ServiceWorkerGlobalScope;

// Makes this file a module: `self` is then this one.
export {};

/** The path of the console, as `/` or `/gate/`. */
const root = new URL("./", self.location.href).pathname;

/**
 * The files of the evacuation list from there, as `./assets/index.js`, the first script before the others. The build puts
 * them here: see vite.config.ts.
 */
declare const rollFiles: readonly [string, ...string[]];

/** The cache with the files. */
const shelf = "roll-page";

/** ms after which the kept page is shown although the server may still answer. */
const patienceMs = 4000;

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
self.addEventListener("activate", (event) => event.waitUntil(begin()));

self.addEventListener("message", (event) => {
  if (event.data?.keep === "roll") event.waitUntil(keep().then((is) => event.ports[0]?.postMessage(is)));
});

self.addEventListener("fetch", (event) => {
  const { method, url, mode } = event.request;
  const { origin, pathname, search } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate" && pathname === root && search === "") event.respondWith(page(event.request));
  else if (pathname.startsWith(`${root}assets/`)) event.respondWith(file(event.request));
});

self.addEventListener("push", (event) => {
  const message: Shown | Withdrawn | undefined = event.data?.json();
  if (message !== undefined) event.waitUntil(message.withdraw ? takeAway(message) : show(message));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(String(event.notification.data)).then(() => count(null)));
});

self.addEventListener("notificationclose", (event) => event.waitUntil(count(null)));

/** Also renews kept files: this worker may be of a new version of the console. */
async function begin(): Promise<void> {
  await self.clients.claim();
  if (await caches.has(shelf)) await keep();
}

/** Keeps the files, and no others. Resolves with false if that is not possible, and leaves older ones as they are. */
async function keep(): Promise<boolean> {
  try {
    const cache = await caches.open(shelf);
    // The server may have another version than this worker: its page would need other files.
    const first = await fetch(root);
    if (!first.ok || !(await first.clone().text()).includes(`"${rollFiles[0]}"`)) return false;
    await cache.addAll(rollFiles);
    await cache.put(root, first);
    const wanted = new Set([root, ...rollFiles].map((file) => new URL(file, self.location.href).href));
    for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
    return true;
  } catch {
    return false;
  }
}

const kept = (request: Request | string) => caches.match(request, { cacheName: shelf, ignoreVary: true });

/** The page as the server has it; the kept one if the server does not answer, or fails. */
async function page(request: Request): Promise<Response> {
  const held = await kept(root);
  if (held === undefined) return fetch(request);
  const late = new Promise<Response>((resolve) => setTimeout(resolve, patienceMs, held));
  const answer = fetch(request).then(
    (answer) => (answer.status >= 500 ? held : answer),
    () => held,
  );
  return Promise.race([answer, late]);
}

/** The name of a kept file has the hash of its content. */
const file = async (request: Request): Promise<Response> => (await kept(request)) ?? fetch(request);

async function show({ title, body, address, tag, image, at, badge }: Shown): Promise<void> {
  const icon = `${root}assets/icon-192.png`;
  const look = { icon: image ?? icon, badge: icon, timestamp: at };
  await self.registration.showNotification(title, { body, tag, data: address, ...look });
  for (const page of await pages()) page.postMessage({ shown: tag });
  await count(badge);
}

async function takeAway({ tags, badge }: Withdrawn): Promise<void> {
  for (const notification of await self.registration.getNotifications())
    if (tags.includes(notification.tag)) notification.close();
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

/** The open pages of the console. Another program may have pages at the same host. */
async function pages(): Promise<WindowClient[]> {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return open.filter(({ url }) => new URL(url).pathname === root);
}

/** Opens an address in a page that is open, else in a new one. */
async function open(address: string): Promise<void> {
  if (!address.startsWith("#/")) return;
  const [page] = await pages();
  if (page === undefined) return void (await self.clients.openWindow(root + address));
  page.postMessage({ open: address });
  await page.focus();
}
