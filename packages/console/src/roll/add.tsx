import { useSignal } from "@preact/signals";
import { FormDialog } from "../parts/dialog.tsx";
import { Check, Field } from "../parts/field.tsx";
import type { Book } from "../state/roll/book.ts";
import { rollWords } from "../words/roll.ts";

/** Adds a person who is not on the list. */
export function AddPerson({ book, onClose }: { book: Book; onClose(): void }) {
  const w = rollWords.value;
  const [name, isSafe] = [useSignal(""), useSignal(true)];
  return (
    <FormDialog
      title={w.addTitle}
      does={w.addDo}
      isReady={name.value.trim() !== ""}
      onSend={async () => book.add(name.value.trim(), isSafe.value)}
      onClose={onClose}
    >
      <p>{w.addWhy}</p>
      <Field label={w.name} of={name} required maxLength={100} />
      <Check label={w.isSafe} isOn={isSafe.value} onChange={(is) => (isSafe.value = is)} />
    </FormDialog>
  );
}
