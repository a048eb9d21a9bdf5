import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Check, Field } from "../../parts/field.tsx";
import { ClockField } from "../../parts/pages/clock-field.tsx";
import { Said } from "../../parts/text.tsx";
import { addressOf } from "../../state/address.ts";
import { dayInWords } from "../../state/days.ts";
import { attempt } from "../../state/failure.ts";
import { useLoading, useOnce } from "../../state/loading.ts";
import { say } from "../../state/notice.ts";
import { isAdmin, isManager } from "../../state/role.ts";
import { gatepost } from "../../state/session.ts";
import { type Site, siteNameOf } from "../../state/sites.ts";
import { noteUnsaved } from "../../state/unsaved.ts";
import { labels } from "../../words/labels.ts";
import { Say } from "../../words/say.tsx";
import { scheduleWords } from "../../words/schedules.ts";
import { Breaks } from "./breaks.tsx";
import { type Draft, draftOf, newId, type Schedule, textOf, type Wish, wishOf } from "./draft.ts";
import { ShiftBar } from "./shift-bar.tsx";
import { dayName, daysInWords } from "./week.ts";

interface EditorProps {
  site: Site;
  /** As `2026-11-16`, by the clocks of the site. */
  today: string;
  /** The version that is shown; null: a new schedule. */
  of: Schedule | null;
  versions: readonly Schedule[];
  /** After it was saved, or a version of it was removed. @param id null if the schedule is gone */
  onChanged(id: string | null): void;
}

/** One schedule. It is saved from a first day on: counted days before it stay. */
export function Editor({ site, today, of, versions, onChanged }: EditorProps) {
  const w = scheduleWords.value;
  const id = useMemo(() => of?.id ?? newId(), []);
  const draft = useMemo(() => draftOf(of, of === null ? `${today.slice(0, 8)}01` : today), []);
  const first = useRef(textOf(draft));
  const wish = wishOf(draft, site.id);
  const isChanged = textOf(draft) !== first.current;
  const tried = useTried(id, isChanged && isManager.value ? wish : null);
  useLayoutEffect(() => noteUnsaved(isChanged && isManager.value));
  useEffect(() => () => noteUnsaved(false), []);
  const save = useOnce(async () => {
    if (wish === null) return;
    const saved = await attempt(() => gatepost().ask("PUT /v1/schedules/{id}", { path: { id }, body: wish }));
    if (saved === null) return;
    first.current = textOf(draft);
    noteUnsaved(false);
    say(w.saved(wish.name, dayInWords(wish.validFrom)));
    onChanged(id);
  });
  const ofSite = { site: <bdi>{siteNameOf(site)}</bdi>, zone: <bdi>{site.zone}</bdi> };
  return (
    <section class="stack" aria-labelledby="schedule">
      <h2 id="schedule">
        <bdi>{draft.name.value.trim() || (of?.name ?? w.new)}</bdi>
      </h2>
      <form class="panel" onSubmit={() => void save()}>
        <fieldset class="body stack" disabled={!isManager.value}>
          <legend class="hide">{w.fields}</legend>
          <Fields draft={draft} />
          {wish === null ? null : <ShiftBar of={wish} />}
          {isManager.value ? (
            <span class="line">
              <Button look="main" type="submit" disabled={wish === null || !isChanged || tried.isRefused}>
                {w.saveFrom(wish === null ? "…" : dayInWords(wish.validFrom))}
              </Button>
              <span class="quiet" role="status">
                {wish === null ? w.incomplete : tried.text}
              </span>
              {of === null ? null : (
                <span class="end">
                  <Remove id={id} site={site.id} name={of.name} onRemoved={() => onChanged(null)} />
                </span>
              )}
            </span>
          ) : null}
        </fieldset>
      </form>
      <p class="quiet">{w.about}</p>
      <p class="quiet">
        <Say text={w.ofSite(site.holidays.length)} values={ofSite} />{" "}
        {isAdmin.value ? <a href={addressOf("settings", "sites")}>{w.toSites}</a> : null}
      </p>
      {versions.length < 2 ? null : <Versions site={site} versions={versions} onChanged={() => onChanged(id)} />}
    </section>
  );
}

/** How many cells a version would change; the words are empty while nothing is asked. */
function useTried(id: string, wish: Wish | null) {
  const { state } = useLoading(`try ${id} ${JSON.stringify(wish)}`, async (signal) => {
    if (wish === null) return null;
    await quiet(signal);
    return gatepost().ask("POST /v1/schedules/{id}/try", { path: { id }, body: wish, signal });
  });
  const { value, failure, isLoading } = state.value;
  const w = scheduleWords.value;
  if (failure !== null && failure.status < 500) return { isRefused: true, text: <Said of={failure} /> };
  if (wish === null || failure !== null) return { isRefused: false, text: "" };
  return { isRefused: false, text: isLoading || value === null ? "…" : w.cells(value.cells) };
}

const quietMs = 500;

/** Waits until the user has stopped typing: each trial counts up to three months. Rejects if it is not wanted any more. */
function quiet(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, quietMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

function Fields({ draft }: { draft: Draft }) {
  const w = scheduleWords.value;
  const { start, end, weekdays } = draft;
  const toggle = (day: number) => {
    const days = weekdays.value;
    weekdays.value = days.includes(day) ? days.filter((one) => one !== day) : [...days, day].toSorted((a, b) => a - b);
  };
  return (
    <div class="shift-fields">
      <Field label={labels.value.name} of={draft.name} required maxLength={64} />
      <Field label={<Labelled label={w.groups} hint={w.groupsHint} />} of={draft.groups} required maxLength={2000} />
      <ClockField label={w.start} of={start} required />
      <ClockField
        label={<Labelled label={w.end} hint={end.value <= start.value ? w.nextDay : ""} />}
        of={end}
        required
      />
      <Field label={w.lateAfter} of={draft.lateAfter} type="number" min={0} max={720} required />
      <Field label={w.earlyBefore} of={draft.earlyBefore} type="number" min={0} max={720} required />
      <fieldset class="wide">
        <legend>{w.weekdays}</legend>
        <div class="weekday-chips">
          {[1, 2, 3, 4, 5, 6, 7].map((day) => (
            <label key={day} class="chip">
              <input type="checkbox" class="hide" checked={weekdays.value.includes(day)} onChange={() => toggle(day)} />
              {dayName(day)}
            </label>
          ))}
        </div>
      </fieldset>
      <Window label={w.inWindow} from={draft.inFrom} to={draft.inTo} />
      <Window label={w.outWindow} from={draft.outFrom} to={draft.outTo} />
      <Breaks of={draft.breaks} />
      <Window label={w.night} from={draft.nightFrom} to={draft.nightTo} isOptional />
      <div class="wide">
        <Check
          label={w.endsOpen}
          why={w.endsOpenWhy}
          isOn={draft.endsOpen.value}
          onChange={(isOn) => (draft.endsOpen.value = isOn)}
        />
      </div>
      <Field
        label={<Labelled label={w.validFrom} hint={w.validFromHint} />}
        of={draft.validFrom}
        type="date"
        required
      />
    </div>
  );
}

function Labelled({ label, hint }: { label: string; hint: string }) {
  return (
    <span>
      {label} <span class="meta">{hint}</span>
    </span>
  );
}

interface WindowProps {
  label: string;
  from: { value: string };
  to: { value: string };
  isOptional?: boolean;
}

function Window({ label, from, to, isOptional = false }: WindowProps) {
  const w = scheduleWords.value;
  return (
    <fieldset>
      <legend>{label}</legend>
      <div class="window">
        <ClockField label={<span class="hide">{`${label}: ${w.begins}`}</span>} of={from} required={!isOptional} />
        <span aria-hidden="true">–</span>
        <ClockField label={<span class="hide">{`${label}: ${w.ends}`}</span>} of={to} required={!isOptional} />
      </div>
    </fieldset>
  );
}

interface RemoveProps {
  id: string;
  site: string;
  name: string;
  onRemoved(): void;
}

function Remove({ id, site, name, onRemoved }: RemoveProps) {
  const w = scheduleWords.value;
  const remove = async () => {
    await gatepost().send("DELETE /v1/schedules/{id}", { path: { id }, query: { site } });
    noteUnsaved(false);
    onRemoved();
  };
  return (
    <Confirm
      label={w.remove}
      look="bare"
      title={<bdi>{w.removeTitle(name)}</bdi>}
      why={w.removeWhy}
      onConfirm={remove}
    />
  );
}

/** The versions of a schedule, the newest first. Each can be removed: the earlier one is valid then. */
function Versions({ site, versions, onChanged }: { site: Site; versions: readonly Schedule[]; onChanged(): void }) {
  const w = scheduleWords.value;
  const remove = async ({ id, validFrom }: Schedule) => {
    const query = { site: site.id, validFrom };
    await gatepost().send("DELETE /v1/schedules/{id}", { path: { id }, query });
    onChanged();
  };
  return (
    <div class="panel">
      <ul class="groups">
        {versions
          .toSorted((a, b) => (a.validFrom < b.validFrom ? 1 : -1))
          .map((one) => (
            <li key={one.validFrom} class="body">
              <span>
                <b>{w.from(dayInWords(one.validFrom))}</b>{" "}
                <span class="quiet">{`${daysInWords(one.weekdays)} ${one.start}–${one.end}`}</span>
              </span>
              {isManager.value ? (
                <Confirm
                  label={w.removeVersion}
                  look="small bare"
                  title={<bdi>{w.removeVersionTitle(one.name, dayInWords(one.validFrom))}</bdi>}
                  why={w.removeVersionWhy}
                  onConfirm={() => remove(one)}
                />
              ) : null}
            </li>
          ))}
      </ul>
    </div>
  );
}
