import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Check, Field } from "../parts/field.tsx";
import { Failed } from "../parts/loaded.tsx";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { askTime, gatepost } from "../state/session.ts";
import { boxWords } from "../words/boxes.ts";
import { words } from "../words/index.ts";
import { labels } from "../words/labels.ts";
import { settingsWords } from "../words/settings.ts";

type Kept = Api["GET /v1/people/settings"]["answer"];

/** Whether people, presence and hours are on, how long hours are kept, and a way to change both. */
export function PeopleKept() {
  const { peopleKept: w } = settingsWords.value;
  const { events, pages } = words.value;
  const { state, set, reload } = useLoading("people settings", (signal) =>
    gatepost().ask("GET /v1/people/settings", { signal }),
  );
  const { value, failure, retryAt } = state.value;
  return (
    <section class="panel" aria-labelledby="people-kept-title">
      <header>
        <h2 id="people-kept-title">{w.title}</h2>
        {value === null ? null : <Change kept={value} onChanged={set} />}
      </header>
      {value === null && failure !== null ? (
        <Failed failure={failure} retryAt={retryAt} onRetry={reload} />
      ) : (
        <dl class="facts body">
          <dt>{pages.people}</dt>
          <dd>{value === null ? events.loading : value.isOn ? w.on : w.off}</dd>
          <dt>{w.hours}</dt>
          <dd>{value === null ? events.loading : (value.hoursDays === null ? w.asEvents : w.days)(value.keptDays)}</dd>
        </dl>
      )}
    </section>
  );
}

interface ChangeProps {
  kept: Kept;
  onChanged(kept: Kept): void;
}

function Change({ kept, onChanged }: ChangeProps) {
  const isOpen = useSignal(false);
  return (
    <span class="end">
      <Button look="small" onClick={() => (isOpen.value = true)}>
        {boxWords.value.change}
      </Button>
      {isOpen.value ? <Asked kept={kept} onChanged={onChanged} onClose={() => (isOpen.value = false)} /> : null}
    </span>
  );
}

/** The most days that the server takes. */
const maxDays = 3650;

function Asked({ kept, onChanged, onClose }: ChangeProps & { onClose(): void }) {
  const { alarms, peopleKept: w } = settingsWords.value;
  const [isOn, hasOwn] = [useSignal(kept.isOn), useSignal(kept.hoursDays !== null)];
  const hoursDays = useSignal(String(kept.hoursDays ?? kept.keptDays));
  const save = async () => {
    const body = { isOn: isOn.value, hoursDays: hasOwn.value ? Number(hoursDays.value) : null };
    onChanged(await gatepost().ask("PUT /v1/people/settings", { body }));
    // The rail has the pages of people, or no longer.
    await askTime().catch(() => null);
    say(alarms.saved);
  };
  return (
    <FormDialog title={w.title} isRisk={kept.isOn && !isOn.value} onSend={save} onClose={onClose}>
      <Check label={w.switchLabel} isOn={isOn.value} onChange={(is) => (isOn.value = is)} />
      {isOn.value ? (
        <>
          <Check label={w.ownDays} isOn={hasOwn.value} onChange={(is) => (hasOwn.value = is)} />
          {hasOwn.value ? (
            <Field
              label={labels.value.hoursDays}
              member="hoursDays"
              of={hoursDays}
              type="number"
              min={1}
              max={maxDays}
              required
            />
          ) : null}
          <p class="note">{w.daysWhy}</p>
        </>
      ) : (
        <p class="note warn">{w.offWhy}</p>
      )}
    </FormDialog>
  );
}
