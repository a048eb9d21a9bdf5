import { signal } from "@preact/signals";
import { session } from "./session.ts";

/** Whether something is written in a form that was not saved. */
let isUnsaved = false;

/** The act to do once the user has agreed to drop the changes; null if there is no question. */
export const leaving = signal<(() => void) | null>(null);

/** Says whether a form has unsaved changes. */
export function noteUnsaved(is: boolean): void {
  if (is === isUnsaved) return;
  isUnsaved = is;
  if (is) addEventListener("beforeunload", ask);
  else removeEventListener("beforeunload", ask);
}

/** The browser asks in its own words, before it closes the page or loads it again. */
const ask = (event: BeforeUnloadEvent) => event.preventDefault();

/** Does an act that may close a form: at once, or once the user has agreed to drop the changes. */
export function leaveFor(act: () => void): void {
  if (isUnsaved) leaving.value = act;
  else act();
}

/** The changes may be dropped. */
export function leave(): void {
  const act = leaving.peek();
  leaving.value = null;
  noteUnsaved(false);
  act?.();
}

/** The user stays on the page. */
export function stay(): void {
  leaving.value = null;
}

export const hasUnsaved = () => isUnsaved;

// A key that is revoked takes the page away with all that is in it.
session.subscribe(() => {
  noteUnsaved(false);
  stay();
});
