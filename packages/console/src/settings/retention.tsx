import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Failed } from "../parts/failed.tsx";
import { attempt } from "../state/attempt.ts";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

type Retention = Api["GET /v1/retention"]["answer"];

/** How long what is kept, and a way to change it where this server decides it. */
export function RetentionFacts() {
  const { settings: w } = words.value;
  const { state, set, reload } = useLoading("retention", (signal) => gatepost().ask("GET /v1/retention", { signal }));
  const { value, failure, retryAt } = state.value;
  return (
    <section class="panel" id="keep" aria-labelledby="keep-title">
      <header>
        <h2 id="keep-title">{w.retention}</h2>
        {value?.isEditable === true ? <Change kept={value} onChanged={set} /> : null}
      </header>
      {value === null && failure !== null ? (
        <Failed failure={failure} retryAt={retryAt} onRetry={reload} />
      ) : (
        <dl class="facts body">
          <dt>{w.events}</dt>
          <dd>{value === null ? w.loading : w.eventDays(value.eventDays)}</dd>
          <dt>{w.quarantine}</dt>
          <dd>{value === null ? w.loading : w.quarantineDays(value.quarantineDays)}</dd>
        </dl>
      )}
      {value?.isEditable === false ? <p class="body meta">{w.retentionElsewhere}</p> : null}
    </section>
  );
}

function Change({ kept, onChanged }: { kept: Retention; onChanged(kept: Retention): void }) {
  const { settings: w, boxes, cancel } = words.value;
  const isOpen = useSignal(false);
  const close = () => {
    isOpen.value = false;
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const body = { eventDays: Number(form.get("events")), quarantineDays: Number(form.get("quarantine")) };
    void attempt(async () => {
      onChanged(await gatepost().ask("PUT /v1/retention", { body }));
      say(w.retentionSaved);
      close();
    });
  };
  return (
    <span class="end">
      <Button look="small" onClick={() => (isOpen.value = true)}>
        {boxes.change}
      </Button>
      {isOpen.value ? (
        <Dialog title={w.retention} onClose={close}>
          <form class="form" onSubmit={submit}>
            <Days name="events" label={w.eventDaysLabel} days={kept.eventDays} />
            <Days name="quarantine" label={w.quarantineDaysLabel} days={kept.quarantineDays} />
            <p class="note warn">{w.retentionWhy}</p>
            <span class="line">
              <Button look="main" type="submit">
                {boxes.save}
              </Button>
              <Button onClick={close}>{cancel}</Button>
            </span>
          </form>
        </Dialog>
      ) : null}
    </span>
  );
}

/** What the server takes at most. */
const mostDays = 3650;

function Days({ name, label, days }: { name: string; label: string; days: number }) {
  return (
    <label class="choice">
      {label}
      <input class="field" type="number" name={name} min="1" max={mostDays} required defaultValue={days} />
    </label>
  );
}
