import type { Job } from "@gatepost/client";
import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { minuteMs } from "../format/durations.ts";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { JobProgress, StopJob } from "../parts/job-progress.tsx";
import { attempt } from "../state/attempt.ts";
import { exportUrl, isUnfinished, jobOf, renewJob, runJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { query } from "../state/route.ts";
import { words } from "../words/index.ts";
import { askedFilter } from "./asked-filter.ts";
import { filterKey } from "./filter.ts";

const formats = ["csv", "ndjson", "zip"] as const;
type Format = (typeof formats)[number];

const name = "export";
/** The filter whose file was asked for last. */
const exportedKey = signal("");
/** A link holds for ten minutes. */
const renewMs = 5 * minuteMs;

/** Exports exactly what the filter finds, and not only what is loaded; with progress, and a way to stop. */
export function Export() {
  const { events: w } = words.value;
  const isAsked = useSignal(false);
  const job = jobOf(name).value;
  if (isUnfinished(job)) {
    return (
      <>
        <JobProgress job={job} label={w.export} />
        <StopJob job={job} />
      </>
    );
  }
  return (
    <>
      {job === null || exportedKey.value !== filterKey(query.value) ? null : <Download job={job} />}
      <Button icon="download" aria-haspopup="dialog" onClick={() => (isAsked.value = true)}>
        {w.export}
      </Button>
      {isAsked.value ? <Choice onClose={() => (isAsked.value = false)} /> : null}
    </>
  );
}

async function exportAll(format: Format): Promise<void> {
  exportedKey.value = filterKey(query.value);
  const ended = await runJob(name, { kind: "export", format, filter: askedFilter(query.value) });
  if (ended?.state === "failed") say(words.value.events.exportFailed);
}

function Download({ job }: { job: Job }) {
  useEffect(() => {
    const timer = setInterval(() => void attempt(() => renewJob(name)), renewMs);
    return () => clearInterval(timer);
  }, []);
  const url = exportUrl(job);
  if (url === null) return null;
  return (
    <a class="btn main" href={url} download>
      {words.value.events.download}
    </a>
  );
}

function Choice({ onClose }: { onClose(): void }) {
  const { events: w } = words.value;
  const chosen = useSignal<Format>("csv");
  const send = async () => void attempt(() => exportAll(chosen.value));
  return (
    <FormDialog title={w.exportTitle} does={w.export} onSend={send} onClose={onClose}>
      <p>{w.exportWhy}</p>
      <fieldset class="gap">
        <legend class="hide">{w.format}</legend>
        {formats.map((format) => (
          <label key={format} class="check">
            <input
              type="radio"
              name="format"
              checked={chosen.value === format}
              onChange={() => (chosen.value = format)}
            />
            {w.formats[format]}
          </label>
        ))}
      </fieldset>
    </FormDialog>
  );
}
