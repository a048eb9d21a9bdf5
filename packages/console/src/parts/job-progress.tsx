import type { Job } from "@gatepost/client";
import { count } from "../format/number.ts";
import { attempt } from "../state/failure.ts";
import { isUnfinished, stopJob } from "../state/jobs.ts";
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
