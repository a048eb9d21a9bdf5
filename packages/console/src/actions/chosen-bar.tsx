import type { RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button, KeyHint } from "../parts/button.tsx";
import { StopJob } from "../parts/job-progress.tsx";
import { Many } from "../parts/many.tsx";
import { decisions } from "../state/actions/by-job.ts";
import { decline, settle, stop, underWay } from "../state/actions/deciding.ts";
import { attempt } from "../state/failure.ts";
import { isUnfinished, jobOf } from "../state/jobs.ts";
import { isManager } from "../state/role.ts";
import { actionWords } from "../words/actions.ts";
import { words } from "../words/index.ts";
import { chosen, exportActions } from "./chosen.ts";
import { OneByOne } from "./one-by-one.tsx";
import { TakeAll } from "./take-all.tsx";

interface ChosenBarProps {
  /** How many actions match; null if that is not known, or not all of them can be chosen. */
  count: number | null;
  /** Reads all that match. */
  readAll(): Promise<readonly RequestedAction[]>;
  onChanged(changed: RequestedAction): void;
}

/** The acts on the chosen actions, and their progress. */
export function ChosenBar({ count, readAll, onChanged }: ChosenBarProps) {
  const w = actionWords.value;
  const compared = useSignal<readonly RequestedAction[] | null>(null);
  const taken = useSignal<readonly RequestedAction[] | null>(null);
  const rows = chosen.all;
  if (isUnfinished(jobOf(decisions).value) || underWay.value !== null) return <Progress />;
  const comparable = rows.filter(({ wantAction, approval }) => wantAction === "1002" && approval?.isOpen !== true);
  const act = (does: (actions: readonly RequestedAction[]) => void) => () => {
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
