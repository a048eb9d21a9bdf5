import { signal } from "@preact/signals";
import { home } from "./home.ts";
import { dropRollsOfLinks } from "./kept-rolls.ts";

/** The token of a link to one evacuation list, for a phone without an account; null if this page was opened otherwise. */
export const rollLink = signal<string | null>(null);

/** Kept for this tab alone, so that a reload opens the list again. */
const kept = "gatepost-roll-link";

const form = /^#roll=(gpe_[\w-]{27})$/;

/** Takes the token of a link out of the address, now and later. Another address leads back to the console. */
export function followRollLinks(): void {
  // A change of the address is first a `popstate`.
  for (const event of ["popstate", "hashchange"]) addEventListener(event, () => takeLink() || leave());
  if (!takeLink() && location.hash === "") rollLink.value = read();
}

function takeLink(): boolean {
  const [, token] = form.exec(location.hash) ?? [];
  if (token === undefined) return false;
  history.replaceState(null, "", home());
  rollLink.value = token;
  try {
    sessionStorage.setItem(kept, token);
  } catch {}
  return true;
}

function leave(): void {
  if (rollLink.peek() === null || location.hash === "") return;
  rollLink.value = null;
  leaveRollLink();
}

/** The next load of the page opens the console. */
export function leaveRollLink(): void {
  dropRollsOfLinks();
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
