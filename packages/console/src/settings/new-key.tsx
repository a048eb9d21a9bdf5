import type { Operations } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { failureOf } from "../state/failure.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

export type MadeKey = Operations["POST /v1/keys"]["answer"];

type Scope = MadeKey["scope"];
const scopes: readonly Scope[] = ["read", "admin", "ingest"];

export function NewKey({ onMade, onClose }: { onMade(key: MadeKey): void; onClose(): void }) {
  const { settings: w, cancel } = words.value;
  const scope = useSignal<Scope>("read");
  const box = useSignal("");
  const fault = useSignal<string | null>(null);
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      onMade(
        await gatepost().createKey(
          scope.value === "ingest" ? { scope: "ingest", box: box.value.trim() } : { scope: scope.value },
        ),
      );
    } catch (error) {
      fault.value = failureOf(error)?.detail ?? null;
    }
  };
  return (
    <Dialog title={w.newKey} onClose={onClose}>
      <form class="form" onSubmit={(event) => void make(event)}>
        <label class="choice">
          {w.scope}
          <select
            class="field"
            value={scope.value}
            onChange={({ currentTarget }) => (scope.value = currentTarget.value as Scope)}
          >
            {scopes.map((name) => (
              <option key={name} value={name}>
                {name === "ingest" ? w.box : w.scopes[name]}
              </option>
            ))}
          </select>
        </label>
        {scope.value === "ingest" ? (
          <label class="choice">
            {w.box}
            <input
              class="field mono"
              required
              maxLength={64}
              value={box.value}
              onInput={({ currentTarget }) => (box.value = currentTarget.value)}
            />
          </label>
        ) : null}
        {fault.value === null ? null : (
          <p class="note bad" role="alert">
            <bdi lang="en">{fault.value}</bdi>
          </p>
        )}
        <span class="line">
          <Button look="main" type="submit">
            {w.make}
          </Button>
          <Button onClick={onClose}>{cancel}</Button>
        </span>
      </form>
    </Dialog>
  );
}
