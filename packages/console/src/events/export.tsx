import type { Job } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { failureOf } from "../state/failure.ts";
import { exportUrl, runJob, stopJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { query } from "../state/route.ts";
import { words } from "../words/index.ts";
import { askedFilter } from "./asked-filter.ts";

const formats = ["csv", "ndjson", "zip"] as const;
type Format = (typeof formats)[number];

/** Exports exactly what the filter finds, and not only what is loaded. */
export function Export() {
  const { events: w } = words.value;
  const job = useSignal<Job | null>(null);
  const isAsked = useSignal(false);
  const start = async (format: Format) => {
    isAsked.value = false;
    try {
      const ended = await runJob({ kind: "export", format, filter: askedFilter(query.value) }, (running) => {
        job.value = running;
      });
      if (ended.state === "failed") say(w.exportFailed);
      if (ended.state === "stopped") job.value = null;
    } catch (error) {
      job.value = null;
      say(failureOf(error)?.status === 404 ? words.value.failure.missing : w.exportFailed);
    }
  };
  const running = job.value;
  if (running?.state === "running" || running?.state === "waiting") return <Running job={running} />;
  const url = running === null ? null : exportUrl(running);
  return (
    <>
      {url === null ? null : (
        <a class="btn main" href={url} download>
          {w.download}
        </a>
      )}
      <Button icon="download" aria-haspopup="dialog" onClick={() => (isAsked.value = true)}>
        {w.export}
      </Button>
      {isAsked.value ? (
        <Choice onChoose={(format) => void start(format)} onClose={() => (isAsked.value = false)} />
      ) : null}
    </>
  );
}

function Running({ job: { id, done, of } }: { job: Job }) {
  const { events: w } = words.value;
  return (
    <>
      <span class="quiet" role="status">
        {w.exporting(done, of)}
      </span>
      <Button onClick={() => void stopJob(id)}>{w.stop}</Button>
    </>
  );
}

function Choice({ onChoose, onClose }: { onChoose(format: Format): void; onClose(): void }) {
  const { events: w, cancel } = words.value;
  const chosen = useSignal<Format>("csv");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onChoose(chosen.value);
  };
  return (
    <Dialog title={w.exportTitle} onClose={onClose}>
      <form class="form" onSubmit={submit}>
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
        <span class="line">
          <Button look="main" type="submit">
            {w.export}
          </Button>
          <Button onClick={onClose}>{cancel}</Button>
        </span>
      </form>
    </Dialog>
  );
}
