import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Check } from "../parts/field.tsx";
import { Failed } from "../parts/loaded.tsx";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { boxWords } from "../words/boxes.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { roleNames } from "./roles.tsx";

type Policy = Api["GET /v1/sign-in/policy"]["answer"];

/** From nobody to everybody. */
const choices = ["nobody", ...roleNames.toReversed()] as const;

/** Who needs a second factor, and a way to change it. */
export function FactorPolicy() {
  const { factors: w } = settingsWords.value;
  const { state, set, reload } = useLoading("who needs a second factor", (signal) =>
    gatepost().ask("GET /v1/sign-in/policy", { signal }),
  );
  const isOpen = useSignal(false);
  const { value, failure, retryAt } = state.value;
  return (
    <section class="panel" aria-labelledby="policy-title">
      <header>
        <h2 id="policy-title">{w.title}</h2>
        {value === null ? null : (
          <span class="end">
            <Button look="small" onClick={() => (isOpen.value = true)}>
              {boxWords.value.change}
            </Button>
          </span>
        )}
      </header>
      {value === null && failure !== null ? (
        <Failed failure={failure} retryAt={retryAt} onRetry={reload} />
      ) : (
        <dl class="facts body">
          <dt>{w.needed}</dt>
          <dd>{value === null ? words.value.events.loading : w.neededBy[value.requiredFrom ?? "nobody"]}</dd>
        </dl>
      )}
      {value !== null && isOpen.value ? (
        <Asked of={value} onChanged={set} onRefused={reload} onClose={() => (isOpen.value = false)} />
      ) : null}
    </section>
  );
}

interface AskedProps {
  of: Policy;
  onChanged(policy: Policy): void;
  /** Someone else may have changed it. */
  onRefused(): void;
  onClose(): void;
}

function Asked({ of: policy, onChanged, onRefused, onClose }: AskedProps) {
  const { alarms, factors: w } = settingsWords.value;
  const chosen = useSignal<(typeof choices)[number]>(policy.requiredFrom ?? "nobody");
  const save = async () => {
    const { version } = policy;
    const requiredFrom = chosen.value === "nobody" ? null : chosen.value;
    try {
      onChanged(await gatepost().ask("PUT /v1/sign-in/policy", { body: { version, requiredFrom } }));
    } catch (error) {
      onRefused();
      throw error;
    }
    say(alarms.saved);
  };
  return (
    <FormDialog title={w.title} onSend={save} onClose={onClose}>
      <fieldset class="form">
        <legend>{w.needed}</legend>
        {choices.map((one) => (
          <Check
            key={one}
            label={w.neededBy[one]}
            oneOf="needed-by"
            isOn={chosen.value === one}
            onChange={() => (chosen.value = one)}
          />
        ))}
      </fieldset>
      <p class="meta">{w.neededWhy}</p>
    </FormDialog>
  );
}
