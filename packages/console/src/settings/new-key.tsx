import type { Operations } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Choice, Field } from "../parts/field.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

export type MadeKey = Operations["POST /v1/keys"]["answer"];

const scopes: readonly MadeKey["scope"][] = ["read", "admin", "ingest"];
const maxBoxLength = 64;

export function NewKey({ onMade, onClose }: { onMade(key: MadeKey): void; onClose(): void }) {
  const { settings: w } = words.value;
  const scope = useSignal<MadeKey["scope"]>("read");
  const box = useSignal("");
  const make = async () =>
    onMade(
      await gatepost().createKey(
        scope.value === "ingest" ? { scope: "ingest", box: box.value.trim() } : { scope: scope.value },
      ),
    );
  return (
    <FormDialog title={w.newKey} does={w.make} onSend={make} onClose={onClose}>
      <Choice
        label={w.scope}
        chosen={scope.value}
        choices={scopes.map((name) => [name, name === "ingest" ? w.box : w.scopes[name]])}
        onChoose={(chosen) => (scope.value = chosen)}
      />
      {scope.value === "ingest" ? <Field label={w.box} of={box} look="mono" required maxLength={maxBoxLength} /> : null}
    </FormDialog>
  );
}
