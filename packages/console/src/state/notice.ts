import { signal } from "@preact/signals";
import { words } from "../words/index.ts";

/** One sentence that is shown for a while at the foot of the page; null if there is none. */
export const notice = signal<string | null>(null);

let timer: ReturnType<typeof setTimeout> | undefined;
const shownFor = 6000;

export function say(text: string): void {
  clearTimeout(timer);
  notice.value = text;
  timer = setTimeout(() => {
    notice.value = null;
  }, shownFor);
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
