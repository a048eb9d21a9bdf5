import type { EventFilter, Job } from "@gatepost/client";
import { signal, useSignal } from "@preact/signals";
import { attempt } from "../state/failure.ts";
import { isUnfinished, jobOf, runJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { eventSearch } from "../state/results.ts";
import { words } from "../words/index.ts";
import { Button, NothingToExport } from "./button.tsx";
import { FormDialog } from "./dialog.tsx";
import { Check } from "./field.tsx";
import { exportFault, JobLink, RunningJob } from "./job-progress.tsx";

const formats = ["csv", "xlsx", "ndjson", "zip"] as const;
type Format = (typeof formats)[number];

const name = "export";
/** The filter whose file was asked for last, and of which kind. */
const exported = signal<{ filter: EventFilter; format: Format }>({ filter: {}, format: "csv" });

/**
 * Exports all events that a filter finds, not only the loaded ones; with progress, and a way to stop.
 *
 * @param of the filter; the one of the list if it is left out
 * @param isEmpty whether nothing was found
 */
export function Export({ of = eventSearch.query.value, isEmpty = false }: { of?: EventFilter; isEmpty?: boolean }) {
  const { events: w } = words.value;
  const isAsked = useSignal(false);
  const job = jobOf(name).value;
  if (isUnfinished(job)) return <RunningJob job={job} label={w.export} />;
  return (
    <>
      {job === null ? null : <Ended job={job} of={of} />}
      {isEmpty ? (
        <NothingToExport />
      ) : (
        <Button icon="download" aria-haspopup="dialog" onClick={() => (isAsked.value = true)}>
          {w.export}
        </Button>
      )}
      {isAsked.value ? <Choice of={of} onClose={() => (isAsked.value = false)} /> : null}
    </>
  );
}

/** Exports the events of the list, even if “today” in its address has become another day since. */
async function exportAll(format: Format, filter: EventFilter): Promise<void> {
  exported.value = { filter, format };
  const ended = await runJob(name, { kind: "export", format, filter });
  if (ended?.state === "failed") say(words.value.events.exportFailed);
}

/** The result stays: a user who opened another page sees it after coming back. */
function Ended({ job, of }: { job: Job; of: EventFilter }) {
  const { events: w } = words.value;
  if (job.state === "failed" || job.state === "stopped") {
    const { filter, format } = exported.value;
    return (
      <span class="line bad" role="alert">
        <bdi>{exportFault(job)}</bdi>
        <Button look="small" onClick={() => void attempt(() => exportAll(format, filter))}>
          {words.value.failure.again}
        </Button>
      </span>
    );
  }
  const isShown = isSame(exported.value.filter, of);
  return <JobLink name={name} job={job} text={isShown ? w.download : w.downloadOther} />;
}

const isSame = (one: EventFilter, other: EventFilter) => JSON.stringify(one) === JSON.stringify(other);

function Choice({ of, onClose }: { of: EventFilter; onClose(): void }) {
  const { events: w } = words.value;
  const chosen = useSignal<Format>("csv");
  const send = async () => void attempt(() => exportAll(chosen.value, of));
  return (
    <FormDialog title={w.exportTitle} does={w.export} onSend={send} onClose={onClose}>
      <p>{w.exportWhy}</p>
      <fieldset class="gap">
        <legend class="hide">{w.format}</legend>
        {formats.map((format) => (
          <Check
            key={format}
            label={w.formats[format]}
            oneOf="format"
            isOn={chosen.value === format}
            onChange={() => (chosen.value = format)}
          />
        ))}
      </fieldset>
    </FormDialog>
  );
}
