import { signal } from "@preact/signals";
import { Icon } from "../parts/icon.tsx";
import { later } from "../parts/later.tsx";
import type { PageName } from "../state/address.ts";
import { page } from "../state/route.ts";
import { session } from "../state/session.ts";
import { words } from "../words/index.ts";

const isOpen = signal(false);

const Palette = later(async () => (await import("../palette/palette.tsx")).Palette);

/** The palette while it is open. Its script is loaded with the first opening. */
export function OpenPalette() {
  return isOpen.value ? <Palette onClose={() => (isOpen.value = false)} /> : null;
}

export function openPalette(): void {
  isOpen.value = true;
}

/** Whether the palette is open, or its script is loading. Keys are not for the page then. */
export function isPaletteOpen(): boolean {
  return isOpen.peek();
}

/** A Mac has its own key, and `Ctrl K` deletes to the end of a line there. */
const isMac = /^(?:Mac|iP)/.test(navigator.platform);

/** On top of the navigation. */
export function FindButton({ onClick = openPalette }: { onClick?: () => void }) {
  return (
    <button class="jump" type="button" aria-haspopup="dialog" onClick={onClick}>
      <Icon name="events" />
      {words.value.find}
      <kbd>{isMac ? "⌘ K" : "Ctrl K"}</kbd>
    </button>
  );
}

/** Pages without navigation: an invitation, and a screen that is only looked at. */
const without: readonly PageName[] = ["invite", "screen"];

/** Opens the palette, also from a field and over a dialogue, and closes it again. */
export function followPaletteKey(): void {
  addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const isPressed = isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey;
    if (!isPressed || altKey || shiftKey || key.toLowerCase() !== "k") return;
    if (session.peek() === null || without.includes(page.peek())) return;
    event.preventDefault();
    if (!event.repeat) isOpen.value = !isOpen.peek();
  });
  session.subscribe((by) => {
    if (by === null) isOpen.value = false;
  });
}
