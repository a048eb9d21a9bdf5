import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { words } from "../words/index.ts";
import { IconButton } from "./button.tsx";

/** What had the focus when a dialogue was opened. shell/kept-focus.ts gives the focus back to it. */
export const openers = new WeakMap<HTMLDialogElement, HTMLElement>();

/** A dialogue over the page. The browser keeps the focus in it; whoever leaves it, however, has it back. */
export function Dialog({
  title,
  onClose,
  look = "",
  children,
}: {
  /** Names in it are in `bdi`. */
  title: ComponentChildren;
  onClose(): void;
  look?: string;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    if (dialog.current === null) return;
    if (opener instanceof HTMLElement) openers.set(dialog.current, opener);
    dialog.current.showModal();
  }, []);
  const onBackdrop = (event: MouseEvent) => {
    if (event.target === dialog.current) dialog.current?.close();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it by itself; a click beside it is the pointer's way.
    <dialog ref={dialog} class={`dialog ${look}`} aria-labelledby={id} onClose={onClose} onClick={onBackdrop}>
      <div class="dialog-body">
        <header class="line">
          <h2 id={id}>{title}</h2>
          <IconButton icon="x" label={words.value.close} look="bare end" onClick={() => dialog.current?.close()} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
