import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useOnce } from "../state/once.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

interface ConfirmProps {
  /** Of the button that asks, and how it looks. */
  label: string;
  look: string;
  title: ComponentChildren;
  /** What will happen. */
  why: string;
  /** What the button that does it says; the same as the label where it is not given. */
  does?: string;
  /** Does it. The dialogue closes then. */
  onConfirm(): Promise<unknown>;
}

/** A button for what cannot be taken back: it asks first. */
export function Confirm({ label, look, title, why, does = label, onConfirm }: ConfirmProps) {
  const isAsked = useSignal(false);
  const close = () => {
    isAsked.value = false;
  };
  const confirm = useOnce(() => onConfirm().then(close));
  return (
    <>
      <Button look={look} onClick={() => (isAsked.value = true)}>
        {label}
      </Button>
      {isAsked.value ? (
        <Dialog title={title} onClose={close}>
          <p>{why}</p>
          <span class="line">
            <Button look="risk" onClick={() => void confirm()}>
              {does}
            </Button>
            <Button onClick={close}>{words.value.cancel}</Button>
          </span>
        </Dialog>
      ) : null}
    </>
  );
}
