import type { Action } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { csvOf } from "../format/csv.ts";
import { placeOf } from "../format/event.ts";
import { CompareDialog } from "../parts/acting/compare-dialog.tsx";
import { Button, KeyHint } from "../parts/button.tsx";
import { ChosenRows } from "../parts/chosen-rows.ts";
import { StopJob } from "../parts/job-progress.tsx";
import { Many } from "../parts/many.tsx";
import { saveCsv } from "../parts/save-file.ts";
import { decisions } from "../state/acting/by-job.ts";
import { decline, settle, stop, underWay } from "../state/acting/deciding.ts";
import { attempt } from "../state/failure.ts";
import { isUnfinished, jobOf } from "../state/jobs.ts";
import { isManager } from "../state/role.ts";
import { actionWords } from "../words/actions.ts";
import { words } from "../words/index.ts";
import { TakeAll } from "./take-all.tsx";

interface ChosenBarProps {
  /** How many actions match; null if that is not known, or not all of them can be chosen. */
  count: number | null;
  /** Reads all that match. */
  readAll(): Promise<readonly Action[]>;
  onChanged(changed: Action): void;
}

/** The acts on the chosen actions, and their progress. */
export function ChosenBar({ count, readAll, onChanged }: ChosenBarProps) {
  const w = actionWords.value;
  const compared = useSignal<readonly Action[] | null>(null);
  const taken = useSignal<readonly Action[] | null>(null);
  const rows = chosen.all;
  if (isUnfinished(jobOf(decisions).value) || underWay.value !== null) return <Progress />;
  const comparable = rows.filter(({ wantAction, approval }) => wantAction === "1002" && approval?.isOpen !== true);
  const act = (does: (actions: readonly Action[]) => void) => () => {
    chosen.clear();
    does(rows);
  };
  const selectAll = () =>
    attempt(async () => {
      chosen.choose(await readAll());
    });
  return (
    <>
      {rows.length === 0 ? null : (
        <Many
          count={rows.length}
          onClear={() => chosen.clear()}
          all={
            count === null || count <= rows.length ? null : (
              <Button look="bare" onClick={() => void selectAll()}>
                {w.selectAll(count)}
              </Button>
            )
          }
        >
          {comparable.length === 0 ? null : (
            <Button look="main" onClick={() => (compared.value = comparable)}>
              {w.oneByOne}
            </Button>
          )}
          {isManager.value && comparable.length > 1 ? (
            <Button onClick={() => (taken.value = comparable)}>{w.takeAllOf}</Button>
          ) : null}
          <Button data-key="d" onClick={act(decline)}>
            {w.decline} <KeyHint of="D" />
          </Button>
          {isManager.value ? <Button onClick={act((actions) => settle(actions, "done"))}>{w.markDone}</Button> : null}
          <Button icon="download" onClick={() => exportActions(rows)}>
            {words.value.events.export}
          </Button>
        </Many>
      )}
      {taken.value === null ? null : (
        <TakeAll
          actions={taken.value}
          onChanged={onChanged}
          onClose={() => {
            taken.value = null;
            chosen.clear();
          }}
        />
      )}
      {compared.value === null ? null : (
        <OneByOne
          actions={compared.value}
          onChanged={onChanged}
          onClose={() => {
            compared.value = null;
            chosen.clear();
          }}
        />
      )}
    </>
  );
}

/** How many are decided by now, by a job of the server or by this page. A new job has not counted them yet. */
function Progress() {
  const { value: job } = jobOf(decisions);
  const { done, of } = (isUnfinished(job) ? job : underWay.value) ?? { done: 0, of: 0 };
  const text = actionWords.value.doneOf(done, of);
  return (
    <div class="many sideways" role="toolbar" aria-label={words.value.many.label}>
      <b role="status">{text}</b>
      <progress {...(of > 0 ? { value: done, max: of } : {})} aria-label={text} />
      {isUnfinished(job) ? <StopJob job={job} /> : <Button onClick={stop}>{words.value.stop}</Button>}
    </div>
  );
}

interface OneByOneProps {
  actions: readonly Action[];
  onChanged(changed: Action): void;
  onClose(): void;
}

/** Compares the photos of several actions in one dialogue, which stays until the last one. */
function OneByOne({ actions, onChanged, onClose }: OneByOneProps) {
  const at = useSignal(0);
  const action = actions[at.value];
  if (action === undefined) return null;
  const go = (by: 1 | -1) => {
    const next = at.peek() + by;
    if (next >= actions.length) onClose();
    else at.value = Math.max(0, next);
  };
  return (
    <CompareDialog
      action={action}
      queue={{ at: at.value + 1, of: actions.length, go }}
      onApproved={onChanged}
      onClose={onClose}
    />
  );
}

/** The open actions that the user has chosen. */
export const chosen = new ChosenRows<Action>();

const columns = ["time", "asked", "state", "person_id", "name", "type", "box", "device", "match", "action", "event"];

/** Saves actions as a table that Excel and WPS open. */
function exportActions(actions: readonly Action[]): void {
  const lines = actions.map(({ id, at, wantAction, state, box, eventId, event = null, match = null }) => [
    ...[at, wantAction, state, event?.person.id ?? "", event?.person.name ?? "", event?.person.type ?? "", box],
    ...[event === null ? "" : placeOf(event), match === null ? "" : match.toFixed(1), id, eventId],
  ]);
  saveCsv(actionWords.value.fileName, csvOf(columns, lines));
}
