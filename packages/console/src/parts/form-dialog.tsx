import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Failure, failureOf, sayingOf } from "../state/failure.ts";
import { say } from "../state/notice.ts";
import { useOnce } from "../state/once.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Said } from "./said.tsx";

interface FormDialogProps {
  title: ComponentChildren;
  /** What the button says that sends it. */
  does: string;
  /** Whether what was given can be sent. */
  isReady?: boolean;
  /** Sends it. The dialogue closes when it is done. */
  onSend(): Promise<unknown>;
  onClose(): void;
  /** Further buttons, between the one that sends it and the one that does not. */
  others?: ComponentChildren;
  children: ComponentChildren;
}

/** A dialogue that asks for something, and says in itself why that was not taken. */
export function FormDialog({ title, does, isReady = true, onSend, onClose, others, children }: FormDialogProps) {
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
      // Whoever has closed it meanwhile may have opened it again, and be writing in it.
      if (isOpen.current) onClose();
    } catch (error) {
      fault.value = failureOf(error);
      if (!isOpen.current && fault.value !== null) say(sayingOf(fault.value));
    }
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void send();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        {children}
        {fault.value === null ? null : (
          <p class="note bad" role="alert">
            <Said of={fault.value} />
          </p>
        )}
        <span class="line">
          <Button look="main" type="submit" disabled={!isReady}>
            {does}
          </Button>
          {others}
          <Button onClick={onClose}>{words.value.cancel}</Button>
        </span>
      </form>
    </Dialog>
  );
}
