import type { Job } from "@gatepost/client";
import { useEffect } from "preact/hooks";
import { minuteMs } from "../format/durations.ts";
import { inSequence } from "../format/event.ts";
import { count } from "../format/number.ts";
import { attempt, inLanguageOrAsIs } from "../state/failure.ts";
import { serverAddress } from "../state/home.ts";
import { exportUrl, isUnfinished, renewJob, stopJob } from "../state/jobs.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";

/** How far a job is. How many there are is not known before they are counted. */
export function JobProgress({ job: { state, done, of }, label }: { job: Job; label: string }) {
  const isCounted = of > 0 || state === "done";
  return (
    <span class="prog">
      <progress {...(isCounted ? { value: done, max: Math.max(of, done, 1) } : {})} aria-label={label} />
      <b>
        {count(done)} / {isCounted ? count(Math.max(of, done)) : "…"}
      </b>
    </span>
  );
}

/** Ends a job; what it has done stays done. */
export function StopJob({ job }: { job: Job }) {
  if (!isUnfinished(job)) return null;
  return <Button onClick={() => void attempt(() => stopJob(job.id))}>{words.value.stop}</Button>;
}

/** How far a job is, and the way to stop it. */
export function RunningJob({ job, label }: { job: Job; label: string }) {
  return (
    <>
      <JobProgress job={job} label={label} />
      <StopJob job={job} />
    </>
  );
}

/** Why an export has no file. */
export function exportFault({ state, reason }: Job): string {
  const { events: w } = words.value;
  const ended = state === "failed" ? w.exportFailed : w.exportStopped;
  return inSequence(ended, reason === null ? null : inLanguageOrAsIs(reason));
}

/** A link is valid for ten minutes. */
const renewMs = 5 * minuteMs;

/** Leads to the file of an export. The link is renewed while it is shown. @param name the one under which the job was begun */
export function JobLink({ name, job, text }: { name: string; job: Job; text: string }) {
  useEffect(() => {
    const timer = setInterval(() => void attempt(() => renewJob(name)), renewMs);
    return () => clearInterval(timer);
  }, []);
  const url = exportUrl(job);
  if (url === null) return null;
  return (
    <a class="btn main" href={url.startsWith("/") ? serverAddress(url) : url} download>
      {text}
    </a>
  );
}
