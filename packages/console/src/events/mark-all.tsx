import type { Event, EventFilter } from "@gatepost/client";
import { Button } from "../parts/button.tsx";
import { RunningJob } from "../parts/job-progress.tsx";
import { attempt } from "../state/failure.ts";
import { isUnfinished, jobOf, runJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { eventSearch } from "../state/results.ts";
import { words } from "../words/index.ts";

const name = "seen";

/** Marks all events of the list as seen, not only the loaded ones; with progress, and a way to stop. */
export function MarkAll() {
  const { events: w } = words.value;
  const job = jobOf(name).value;
  if (isUnfinished(job)) return <RunningJob job={job} label={w.markAll} />;
  return (
    <Button icon="check" onClick={() => void attempt(markAll)}>
      {w.markAll}
    </Button>
  );
}

/** A person who has passed since the list was loaded was not seen. */
function filterUpTo(newest: Event | undefined, filter: EventFilter): EventFilter {
  return newest === undefined ? filter : { ...filter, to: new Date(newest.timestamp + 1).toISOString() };
}

async function markAll(): Promise<void> {
  const ended = await runJob(name, {
    kind: "seen",
    filter: filterUpTo(eventSearch.found.value.items[0], eventSearch.query.value),
  });
  if (ended === null) return;
  const { events: w } = words.value;
  say(ended.state === "failed" ? w.markFailed(ended.done) : w.marked(ended.done));
}
