import type { Job } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { failureOf } from "../state/failure.ts";
import { runJob, stopJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { query } from "../state/route.ts";
import { words } from "../words/index.ts";
import { askedFilter } from "./asked-filter.ts";

/** Marks all that the filter finds as seen, and not only what is loaded; with progress, and a way to stop. */
export function MarkAll() {
  const { events: w } = words.value;
  const job = useSignal<Job | null>(null);
  const start = async () => {
    try {
      const ended = await runJob({ kind: "seen", filter: askedFilter(query.value) }, (running) => {
        job.value = running;
      });
      say(w.marked(ended.done));
    } catch (error) {
      const failure = failureOf(error);
      if (failure !== null) say(failure.status === 404 ? words.value.failure.missing : failure.detail);
    }
    job.value = null;
  };
  const running = job.value;
  if (running === null) {
    return (
      <Button icon="check" onClick={() => void start()}>
        {w.markAll}
      </Button>
    );
  }
  return (
    <>
      <progress value={running.done} max={running.of ?? undefined} aria-label={w.markAll} />
      <Button onClick={() => void stopJob(running.id)}>{w.stop}</Button>
    </>
  );
}
