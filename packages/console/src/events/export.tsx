import type { Job } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { failureOf } from "../state/failure.ts";
import { exportUrl, runJob, stopJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { query } from "../state/route.ts";
import { words } from "../words/index.ts";
import { askedFilter } from "./asked-filter.ts";

/** Exports exactly what the filter finds, and not only what is loaded. */
export function Export() {
  const { events: w } = words.value;
  const job = useSignal<Job | null>(null);
  const start = async () => {
    try {
      const filter = askedFilter(query.value);
      const ended = await runJob({ kind: "export", format: "csv", filter }, (running) => {
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
  if (running?.state === "running" || running?.state === "waiting") {
    return (
      <>
        <span class="quiet" role="status">
          {w.exporting(running.done, running.of)}
        </span>
        <Button onClick={() => void stopJob(running.id)}>{w.stop}</Button>
      </>
    );
  }
  const url = running === null ? null : exportUrl(running);
  return (
    <>
      {url === null ? null : (
        <a class="btn main" href={url} download="gatepost.csv">
          {w.download}
        </a>
      )}
      <Button icon="download" onClick={() => void start()}>
        {w.export}
      </Button>
    </>
  );
}
