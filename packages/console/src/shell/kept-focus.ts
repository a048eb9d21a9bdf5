import { openers } from "../parts/modal.ts";

/**
 * The control that has the focus, or had it before it was taken out of the page; null after a click beside all
 * controls.
 */
let last: HTMLElement | null = null;

const controls = "a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary";
/** Elements in rows: the next one takes the place of a removed one. */
const rows = "li, tr, article";

/**
 * Keeps the focus when its control is removed or moved, as when a list is loaded again, a row is removed, or a dialogue
 * closes whose button is gone. The same control of the row that takes the place gets it, or else the heading of the
 * section. Otherwise the browser would go to the top of the page.
 */
export function keepFocus(): void {
  addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement) last = target;
  });
  addEventListener("pointerdown", ({ target }) => {
    if (target instanceof Element && target.closest(controls) === null) last = null;
  });
  new MutationObserver(restore).observe(document.body, { childList: true, subtree: true });
}

function restore(changes: readonly MutationRecord[]): void {
  const control = last;
  if (control === null || document.activeElement !== document.body) return;
  const removal = removalOf(control, changes);
  if (removal === null) return;
  // A control that was moved to another place has lost the focus, too.
  if (control.isConnected) control.focus({ preventScroll: true });
  else
    (openerOf(control) ?? inPlaceOf(control, removal, changes) ?? headingOf(removal.target))?.focus({
      preventScroll: true,
    });
}

/** The change that took the control out of the page, or moved it. */
function removalOf(control: Element, changes: readonly MutationRecord[]): MutationRecord | null {
  const removal = changes.findLast(({ removedNodes }) => [...removedNodes].some((node) => node.contains(control)));
  if (removal === undefined) return null;
  return removal.target.isConnected ? removal : removalOf(removal.target as Element, changes);
}

/** The place where a closed dialogue was opened. */
function openerOf(control: Element): HTMLElement | null {
  const dialog = control.closest("dialog");
  const opener = dialog === null ? undefined : openers.get(dialog);
  return opener?.isConnected && opener !== document.body ? opener : null;
}

type Way = "nextSibling" | "previousSibling";

function inPlaceOf(control: Element, removal: MutationRecord, changes: readonly MutationRecord[]) {
  const isRow = [...removal.removedNodes].some((node) => node instanceof Element && node.matches(rows));
  if (!isRow) return null;
  const from = (way: Way) => controlFrom(removal[way], { way, like: control, changes });
  return from("nextSibling") ?? from("previousSibling");
}

interface Search {
  way: Way;
  like: Element;
  /** By them the place of a row is found that is not in the page any more. */
  changes: readonly MutationRecord[];
}

function controlFrom(start: Node | null, { way, like, changes }: Search): HTMLElement | null {
  const beside = (row: Node) =>
    row.isConnected
      ? row[way]
      : (changes.findLast(({ removedNodes }) => [...removedNodes].includes(row))?.[way] ?? null);
  for (let row = start; row !== null; row = beside(row)) {
    const found = row instanceof Element && row.isConnected ? shownIn(row) : [];
    // A button that does something else would do it at the next Enter.
    const same = found.find((one) => one.localName === like.localName && nameOf(one) === nameOf(like));
    const [first] = found;
    if (first !== undefined) return same ?? found.find(({ localName }) => localName === "a") ?? first;
  }
  return null;
}

const nameOf = (control: Element) => control.getAttribute("aria-label") ?? control.textContent;
const shownIn = (row: Element) =>
  [...row.querySelectorAll<HTMLElement>(controls)].filter((one) => one.checkVisibility());

/** In a dialogue its first control: the page behind it cannot have the focus. */
function headingOf(target: Node): HTMLElement | null {
  const part = target instanceof Element ? target.closest<HTMLElement>("section, article, dialog, main") : null;
  if (part === null) return document.querySelector("main");
  if (part instanceof HTMLDialogElement) return shownIn(part)[0] ?? null;
  const heading = part.localName === "main" ? part : part.querySelector<HTMLElement>("h1, h2, h3");
  if (heading === null) return part.parentElement === null ? null : headingOf(part.parentElement);
  if (!heading.hasAttribute("tabindex")) heading.tabIndex = -1;
  return heading;
}
