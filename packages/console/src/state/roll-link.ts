import { signal } from "@preact/signals";
import { addressOf } from "./address.ts";

/** The token of a link to one evacuation list, for a phone without an account; null if this page was opened otherwise. */
export const rollLink = signal<string | null>(null);

/** Kept for this tab alone, so that a reload opens the list again. */
const kept = "gatepost-roll-link";

const form = /^#roll=(gpe_[\w-]{27})$/;

/** Takes the token of a link out of the address, now and later. */
export function followRollLinks(): void {
  addEventListener("hashchange", takeLink);
  takeLink();
  rollLink.value ??= read();
}

function takeLink(): void {
  const [, token] = form.exec(location.hash) ?? [];
  if (token === undefined) return;
  history.replaceState(null, "", `/${addressOf("live")}`);
  rollLink.value = token;
  try {
    sessionStorage.setItem(kept, token);
  } catch {}
}

/** The next load of the page opens the console. */
export function leaveRollLink(): void {
  try {
    sessionStorage.removeItem(kept);
  } catch {}
}

function read(): string | null {
  try {
    const token = sessionStorage.getItem(kept);
    return token !== null && form.test(`#roll=${token}`) ? token : null;
  } catch {
    return null;
  }
}
