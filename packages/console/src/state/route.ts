import { computed, signal } from "@preact/signals";
import { type Address, addressOf, type PageName, parseAddress, type Query } from "./address.ts";
import { hasUnsaved, leaveFor } from "./unsaved.ts";

export const address = signal<Address>(parseAddress(location.hash));
export const page = computed(() => address.value.page);
export const query = computed(() => address.value.query);

/** The first value of a parameter of the address. */
export const parameter = (name: string) => query.value[name]?.[0] ?? null;

/** The last read address. */
let shown: string | null = null;

/** The last address of each page, so that its link in the rail leads back to the same filter. */
const left = new Map<PageName, Query>();

export function follow(): void {
  addEventListener("hashchange", read);
  addEventListener("popstate", read);
  addEventListener("click", followLink);
  read();
}

function read(): void {
  // A sign-in link is no page: session.ts takes it.
  if (/^#(?:setup|token)=/.test(location.hash)) return;
  const { page: name, query: asked, isUnknown } = parseAddress(location.hash);
  if (location.hash === shown && !isUnknown) return;
  if (shown !== null && hasUnsaved() && isOther(location.hash)) {
    const wanted = location.hash;
    // The browser is there already: back to the shown page, until the user has said that it may be left.
    history.pushState(null, "", shown);
    leaveFor(() => open(wanted));
    return;
  }
  shown = location.hash;
  address.value = parseAddress(shown);
  if (isUnknown) history.replaceState(null, "", addressOf("live"));
  left.set(name, asked);
}

/** Whether an address is of another page than the one that is shown. */
function isOther(hash: string): boolean {
  const [wanted, { page: name, id }] = [parseAddress(hash), address.peek()];
  return wanted.page !== name || wanted.id !== id;
}

/** Opens an address as a link does. */
function open(hash: string): void {
  history.pushState(null, "", hash);
  // At once: the browser reports a new address later, and the next key may be pressed before.
  read();
}

/** Asks, if something was not saved, before a link leads away from it. */
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const hash = link?.getAttribute("href") ?? "";
  if (!hash.startsWith("#/") || !hasUnsaved() || !isOther(hash)) return;
  event.preventDefault();
  leaveFor(() => open(hash));
}

/** Opens any address of the console, unless the user stays to save a form. */
export const goTo = (hash: string): void => leaveFor(() => open(hash));

export function go(to: PageName, id: string | null = null, asked: Query = {}): void {
  leaveFor(() => open(addressOf(to, id, asked)));
}

/** Goes to a page as it was left last, with its filter. */
export const goBackTo = (to: PageName): void => go(to, null, left.get(to) ?? {});

/** Goes to a page in place of this one: the way back leads to where this one was opened. */
export function goInstead(to: PageName, id: string | null = null, asked: Query = {}): void {
  history.replaceState(null, "", addressOf(to, id, asked));
  read();
}

/** Changes parameters of the address where it is; null takes one away. It is no step of the history. */
export function setQuery(change: Record<string, readonly string[] | string | null>): void {
  const changed: Record<string, readonly string[]> = { ...query.value };
  for (const [name, value] of Object.entries(change)) {
    const values = value === null ? [] : [value].flat();
    if (values.length === 0) delete changed[name];
    else changed[name] = values;
  }
  const { page: name, id } = address.value;
  history.replaceState(null, "", addressOf(name, id, changed));
  shown = location.hash;
  address.value = { ...address.value, query: changed };
  left.set(name, changed);
}

/** The address of a page as it was left last. */
export const addressLeft = (name: PageName) => addressOf(name, null, left.get(name) ?? {});
