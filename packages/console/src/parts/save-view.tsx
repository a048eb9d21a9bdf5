import { useSignal } from "@preact/signals";
import { addressHere, isSharing, saveView } from "../state/views.ts";
import { words } from "../words/index.ts";
import { FormDialog } from "./dialog.tsx";
import { Choice, Field } from "./field.tsx";

/** Asks for the name of a view, and who has it. */
export function SaveView({ onClose }: { onClose(): void }) {
  const { views: w } = words.value;
  const name = useSignal("");
  const who = useSignal<"mine" | "shared">("mine");
  const save = () =>
    saveView({ name: name.value.trim(), address: addressHere.peek(), isForEverybody: who.value === "shared" });
  return (
    <FormDialog title={w.save} does={w.save} isReady={name.value.trim() !== ""} onSend={save} onClose={onClose}>
      <Field label={w.name} of={name} maxLength={64} required />
      {isSharing.value ? (
        <Choice
          label={w.who}
          chosen={who.value}
          choices={[
            ["mine", w.mine],
            ["shared", w.shared],
          ]}
          onChoose={(chosen) => (who.value = chosen)}
        />
      ) : null}
    </FormDialog>
  );
}
