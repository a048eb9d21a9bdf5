import { Button } from "../parts/button.tsx";
import { JobProgress, StopJob } from "../parts/job-progress.tsx";
import { attempt } from "../state/attempt.ts";
import { isUnfinished, jobOf, runJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { query } from "../state/route.ts";
import { words } from "../words/index.ts";
import { askedFilter } from "./asked-filter.ts";

const name = "seen";

/** Marks all that the filter finds as seen, and not only what is loaded; with progress, and a way to stop. */
export function MarkAll() {
  const { events: w } = words.value;
  const job = jobOf(name).value;
  if (isUnfinished(job)) {
    return (
      <>
        <JobProgress job={job} label={w.markAll} />
        <StopJob job={job} />
      </>
    );
  }
  return (
    <Button icon="check" onClick={() => void attempt(markAll)}>
      {w.markAll}
    </Button>
  );
}

async function markAll(): Promise<void> {
  const ended = await runJob(name, { kind: "seen", filter: askedFilter(query.value) });
  if (ended === null) return;
  const { events: w } = words.value;
  say(ended.state === "failed" ? w.markFailed(ended.done) : w.marked(ended.done));
}
