import { useEffect, useRef } from "preact/hooks";

/** The element that had the focus when a dialogue was opened. shell/kept-focus.ts gives the focus back to it. */
export const openers = new WeakMap<HTMLDialogElement, HTMLElement>();

/**
 * Shows a dialogue over the page. The browser keeps the focus in it, and gives it back when the dialogue closes.
 *
 * `onClose` runs at once. The browser's own event arrives later, and keys pressed in between would not reach the page.
 */
export function useModal(onClose: () => void) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    if (dialog.current === null) return;
    if (opener instanceof HTMLElement) openers.set(dialog.current, opener);
    dialog.current.showModal();
  }, []);
  const close = () => {
    dialog.current?.close();
    onClose();
  };
  /** Escape, or the gesture of a phone that goes back. A field in the dialogue may send such an event, too. */
  const onCancel = (event: Event) => {
    if (event.target !== dialog.current) return;
    event.preventDefault();
    close();
  };
  const onBackdrop = ({ target }: MouseEvent) => {
    if (target === dialog.current) close();
  };
  return { dialog, close, onCancel, onBackdrop };
}
