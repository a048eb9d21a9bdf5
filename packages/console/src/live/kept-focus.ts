import { useLayoutEffect } from "preact/hooks";

type Part = { current: HTMLElement | null };

/**
 * Keeps the focus in a section whose rows are taken away: the same control of the row that comes into that place gets
 * it, or else the heading. Without it the browser would go to the top of the page.
 */
export function useKeptFocus(section: Part, heading: Part): void {
  // Looked for before the painting, while the row is still there.
  const before = focusIn(section.current);
  useLayoutEffect(() => {
    if (before === null || before.control.isConnected) return;
    const row = rowsOf(section.current)[before.row];
    const control = row?.querySelector<HTMLElement>(before.control.localName) ?? heading.current;
    control?.focus();
  });
}

function focusIn(section: HTMLElement | null): { control: Element; row: number } | null {
  const control = document.activeElement;
  if (section === null || control === null || !section.contains(control)) return null;
  return { control, row: rowsOf(section).findIndex((row) => row.contains(control)) };
}

const rowsOf = (section: HTMLElement | null) => [...(section?.querySelectorAll("li") ?? [])];
