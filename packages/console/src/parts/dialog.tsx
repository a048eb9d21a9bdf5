import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { words } from "../words/index.ts";
import { IconButton } from "./button.tsx";

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
    dialog.current?.showModal();
    // One that is taken out of the page while it is open takes the focus along.
    return () => {
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
    };
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
