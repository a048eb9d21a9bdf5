import { signal } from "@preact/signals";
import { words } from "../words/index.ts";

/** One sentence that is shown for a while at the foot of the page. */
interface Shown {
  text: string;
  /** How what it says is taken back, until `until` (ms since 1970); null if it cannot be. */
  undo: { act: () => Promise<unknown>; until: number } | null;
  /** A further step that is offered; null if there is none. */
  further: Further | null;
  choices: Choices | null;
}

interface Further {
  label: string;
  act(): void;
}

/** What a user may add to an act while its sentence is shown. */
export interface Choices {
  label: string;
  of: readonly { text: string; choose(): void }[];
}

/** Null if there is none. */
export const notice = signal<Shown | null>(null);

let timer: ReturnType<typeof setTimeout> | undefined;
const shownFor = 6000;
/** ms in which an act can be taken back. */
export const undoableFor = 10_000;

export function say(text: string): void {
  show({ text, undo: null, further: null, choices: null }, shownFor);
}

/** Offers beside the undo of an act. */
interface Offers {
  further?: Further | null;
  choices?: Choices | null;
  /** When the act was done, as `performance.now()`, if that was before. */
  since?: number;
}

/** Reports an act, and offers to take it back until 10 s after it. A later sentence takes its place. */
export function sayUndoable(
  text: string,
  act: () => Promise<unknown>,
  { further = null, choices = null, since = performance.now() }: Offers = {},
): void {
  const forMs = undoableFor - (performance.now() - since);
  show({ text, undo: { act, until: Date.now() + forMs }, further, choices }, forMs);
}

/** Takes back what the shown sentence says; null if it offers nothing. */
export function undoShown(): unknown {
  const undo = notice.peek()?.undo ?? null;
  if (undo === null) return null;
  notice.value = null;
  void undo.act();
  return undefined;
}

/** Takes the further step of the shown sentence. */
export function takeFurther(): void {
  const further = notice.peek()?.further ?? null;
  notice.value = null;
  further?.act();
}

function show(shown: Shown, forMs: number): void {
  clearTimeout(timer);
  notice.value = shown;
  timer = setTimeout(() => {
    notice.value = null;
  }, forMs);
}

/** Copies a text, and says whether that was done. */
export async function copy(text: string): Promise<void> {
  const { copied, notCopied } = words.value;
  say((await isWritten(text)) || isSelectedCopied(text) ? copied : notCopied);
}

/** By plain HTTP, as on a LAN, a page has no clipboard; elsewhere the user may have forbidden it. */
async function isWritten(text: string): Promise<boolean> {
  const clipboard: Clipboard | undefined = navigator.clipboard;
  try {
    await clipboard?.writeText(text);
    return clipboard !== undefined;
  } catch {
    return false;
  }
}

/** The older way, which needs no right: a text is copied that is selected in a field. */
function isSelectedCopied(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "hide";
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return isCopied;
}
