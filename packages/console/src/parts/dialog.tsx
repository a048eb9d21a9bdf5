import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { attempt, type Failure, failureOf, sayFailure } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { words } from "../words/index.ts";
import { Button, IconButton, KeyHint } from "./button.tsx";
import { FormFaults } from "./form-faults.tsx";
import { useModal } from "./modal.ts";

/** A dialogue over the page, with a title and a button that closes it. */
export function Dialog({
  title,
  onClose,
  look = "",
  first,
  children,
}: {
  /** Names in it are in `bdi`. */
  title: ComponentChildren;
  onClose(): void;
  look?: string;
  /** The part whose first field has the focus when it opens, or which has it itself; without it, the first control. */
  first?: { current: HTMLElement | null } | undefined;
  children: ComponentChildren;
}) {
  const { dialog, close, onCancel, onBackdrop } = useModal(onClose);
  const id = useId();
  useEffect(() => {
    const part = first?.current ?? null;
    (part?.querySelector("input") ?? part)?.focus();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it by itself; a click beside it is the pointer's way.
    <dialog ref={dialog} class={`dialog ${look}`} aria-labelledby={id} onCancel={onCancel} onClick={onBackdrop}>
      <div class="dialog-body">
        <header class="line">
          <h2 id={id}>{title}</h2>
          <IconButton icon="x" label={words.value.close} look="bare end" onClick={close} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  /** The words and the look of the button that asks. */
  label: string;
  look: string;
  title: ComponentChildren;
  /** The consequence. */
  why: ComponentChildren;
  /** What the button that does it says; the same as the label where it is not given. */
  does?: string;
  /** Does it. The dialogue closes then; the foot of the page says why it failed. */
  onConfirm(): Promise<unknown>;
}

/** A button for an act that cannot be undone: it asks first. */
export function Confirm({ label, look, title, why, does = label, onConfirm }: ConfirmProps) {
  const isAsked = useSignal(false);
  const close = () => {
    isAsked.value = false;
  };
  const confirm = useOnce(() => attempt(onConfirm).then(close));
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

interface FormDialogProps {
  title: ComponentChildren;
  look?: string;
  first?: { current: HTMLElement | null };
  /** More about the title, below it. */
  under?: ComponentChildren;
  /** What the button says that sends it, if not that it saves; null if the user may send nothing. */
  does?: string | null;
  /** The key that sends it, too. */
  hint?: string;
  /** Whether to send it may do harm. */
  isRisk?: boolean;
  /** Whether the given data can be sent. */
  isReady?: boolean;
  /** Sends it. The dialogue closes when it is done, unless `onSent` does something else. */
  onSend(): Promise<unknown>;
  onSent?(): void;
  onClose(): void;
  /** Further buttons, between the one that sends it and the one that does not. */
  others?: ComponentChildren;
  children: ComponentChildren;
}

/** A dialogue that asks for something, and says in itself why that was not taken. */
export function FormDialog({
  title,
  look = "",
  first,
  under,
  does = words.value.save,
  hint,
  isRisk = false,
  isReady = true,
  onSend,
  onClose,
  onSent = onClose,
  others,
  children,
}: FormDialogProps) {
  const fault = useSignal<Failure | null>(null);
  const isOpen = useRef(true);
  useEffect(
    () => () => {
      isOpen.current = false;
    },
    [],
  );
  const send = useOnce(async () => {
    try {
      await onSend();
      // The user may have closed it and opened it again, and be writing in it.
      fault.value = null;
      if (isOpen.current) onSent();
    } catch (error) {
      fault.value = failureOf(error);
      if (!isOpen.current) await sayFailure(fault.value);
    }
  });
  return (
    <Dialog title={title} look={look} first={first} onClose={onClose}>
      {under}
      <form class="form" onSubmit={() => isReady && void send()}>
        <FormFaults of={fault.value}>{children}</FormFaults>
        <span class="line foot">
          {does === null ? null : (
            <Button look={isRisk ? "risk" : "main"} type="submit" disabled={!isReady}>
              {does} {hint === undefined ? null : <KeyHint of={hint} />}
            </Button>
          )}
          {others}
          <Button onClick={onClose}>{words.value.cancel}</Button>
        </span>
      </form>
    </Dialog>
  );
}
