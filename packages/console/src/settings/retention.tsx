import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Failed } from "../parts/loaded.tsx";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { boxWords } from "../words/boxes.ts";
import { words } from "../words/index.ts";
import { labels } from "../words/labels.ts";
import { settingsWords } from "../words/settings.ts";
import { PeopleKept } from "./people-kept.tsx";

type Days = Api["GET /v1/retention"]["answer"];

/** How long data is kept, and a way to change it if this server decides it. */
export function Retention() {
  const w = settingsWords.value;
  const { state, set, reload } = useLoading("retention", (signal) => gatepost().ask("GET /v1/retention", { signal }));
  const { value, failure, retryAt } = state.value;
  return (
    <>
      <section class="panel" id="keep" aria-labelledby="keep-title">
        <header>
          <h2 id="keep-title">{w.sections.retention}</h2>
          {value?.isEditable === true ? <Change kept={value} onChanged={set} /> : null}
        </header>
        {value === null && failure !== null ? (
          <Failed failure={failure} retryAt={retryAt} onRetry={reload} />
        ) : value === null ? (
          <p class="body quiet">{words.value.events.loading}</p>
        ) : (
          <dl class="facts body">
            <dt>{w.events}</dt>
            <dd>{w.eventDays(value.eventDays)}</dd>
            <dt>{w.scenes}</dt>
            <dd>{w.sceneDays(value.sceneDays)}</dd>
            <dt>{w.quarantine}</dt>
            <dd>{w.quarantineDays(value.quarantineDays)}</dd>
          </dl>
        )}
        {value?.isEditable === false ? <p class="body meta">{w.retentionElsewhere}</p> : null}
      </section>
      {/* Below what has its height by then: nothing moves when it is known. */}
      {value === null && failure === null ? null : <PeopleKept />}
    </>
  );
}

/** What the server takes at most. */
const maxDays = 3650;
const days = { type: "number", min: 1, max: maxDays, required: true } as const;

function Change({ kept, onChanged }: { kept: Days; onChanged(kept: Days): void }) {
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

interface AskedProps {
  kept: Days;
  onChanged(kept: Days): void;
  onClose(): void;
}

function Asked({ kept, onChanged, onClose }: AskedProps) {
  const w = settingsWords.value;
  const eventDays = useSignal(String(kept.eventDays));
  const quarantineDays = useSignal(String(kept.quarantineDays));
  const sceneDays = useSignal(kept.sceneDays === null ? "" : String(kept.sceneDays));
  const save = async () => {
    const body = {
      eventDays: Number(eventDays.value),
      quarantineDays: Number(quarantineDays.value),
      sceneDays: sceneDays.value.trim() === "" ? null : Number(sceneDays.value),
    };
    onChanged(await gatepost().ask("PUT /v1/retention", { body }));
    say(w.retentionSaved);
  };
  return (
    <FormDialog title={w.sections.retention} onSend={save} onClose={onClose}>
      <Field label={labels.value.eventDays} member="eventDays" of={eventDays} {...days} />
      <Field label={w.sceneDaysLabel} member="sceneDays" of={sceneDays} {...days} required={false} />
      <Field label={labels.value.quarantineDays} member="quarantineDays" of={quarantineDays} {...days} />
      <p class="note warn">{w.retentionWhy}</p>
    </FormDialog>
  );
}
