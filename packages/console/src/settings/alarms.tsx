import { useSignal } from "@preact/signals";
import { Choice } from "../parts/field.tsx";
import { Failed } from "../parts/loaded.tsx";
import { attempt } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { settingsWords } from "../words/settings.ts";

/** The choices, in minutes. Programs may set others. */
const usual = [1, 2, 5, 10, 15, 30, 60];

/** The minutes after which an alarm without an acknowledgement is announced. */
export function Alarms() {
  const w = settingsWords.value;
  const { state, set, reload } = useLoading("alarms", (signal) => gatepost().ask("GET /v1/alarms", { signal }));
  const isSaving = useSignal(false);
  const { value, failure, retryAt } = state.value;
  const minutes = value?.tellAfterMinutes ?? null;
  const numbers = minutes === null || usual.includes(minutes) ? usual : [...usual, minutes].sort((a, b) => a - b);
  const change = async (chosen: string) => {
    isSaving.value = true;
    const body = { tellAfterMinutes: chosen === "never" ? null : Number(chosen) };
    const saved = await attempt(() => gatepost().ask("PUT /v1/alarms", { body }));
    isSaving.value = false;
    if (saved === null) return;
    set(saved);
    say(w.alarms.saved);
  };
  return (
    <section class="panel" aria-labelledby="alarms-title">
      <header>
        <h2 id="alarms-title">{w.sections.alarms}</h2>
      </header>
      {value === null && failure !== null ? (
        <Failed failure={failure} retryAt={retryAt} onRetry={reload} />
      ) : (
        <div class="body stack">
          <Choice
            label={w.alarms.tellAfter}
            chosen={minutes === null ? "never" : String(minutes)}
            choices={[
              ...numbers.map((n) => [String(n), w.alarms.minutes(n)] as const),
              ["never", w.alarms.never] as const,
            ]}
            disabled={value === null || isSaving.value}
            onChoose={(chosen) => void change(chosen)}
          />
          <p class="meta">
            {w.alarms.why} <code>Alarm Not Acknowledged</code>
          </p>
        </div>
      )}
    </section>
  );
}
