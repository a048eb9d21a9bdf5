import type { Job, QuarantineGroup } from "@gatepost/client";
import { Button } from "../parts/button.tsx";
import { JobProgress, StopJob } from "../parts/job-progress.tsx";
import { attempt, inLanguageOrAsIs } from "../state/failure.ts";
import { isUnfinished, jobOf, runJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { isAdmin } from "../state/role.ts";
import { words } from "../words/index.ts";

/** The target of a replay: one group, or the whole quarantine. */
type Scope = Pick<QuarantineGroup, "reason" | "box" | "path"> | Record<string, never>;

interface ReplayProps {
  scope: Scope;
  label: string;
  onReplayed(): void;
}

const nameOf = (scope: Scope) => `replay ${JSON.stringify(scope)}`;

/** Begins the replay of all that is meant, or ends it. */
export function Replay({ scope, label, onReplayed }: ReplayProps) {
  const job = jobOf(nameOf(scope)).value;
  if (!isAdmin.value) return null;
  if (isUnfinished(job)) return <StopJob job={job} />;
  const start = () => attempt(() => replay(scope)).then(onReplayed);
  return (
    <Button icon="replay" onClick={() => void start()}>
      {label}
    </Button>
  );
}

/** The progress of a replay, and its result. */
export function Replaying({ scope }: Pick<ReplayProps, "scope">) {
  const job = jobOf(nameOf(scope)).value;
  if (job === null) return null;
  return (
    <div class="panel">
      <div class="body gap">
        <JobProgress job={job} label={words.value.problems.replay} />
        <span class="meta" role="status">
          <bdi>{outcomeOf(job)?.text}</bdi>
        </span>
      </div>
    </div>
  );
}

/** Replays all of a scope, and reports it if its group is gone. */
export async function replay(scope: Scope): Promise<void> {
  const ended = await runJob(nameOf(scope), { kind: "replay", ...scope });
  const outcome = ended === null ? null : outcomeOf(ended);
  // Then its group is gone, and nothing else can say it.
  if (outcome?.stayed === 0) say(outcome.text);
}

function outcomeOf({ state, done, result, reason }: Job): { stayed: number | null; text: string } | null {
  const { problems: w } = words.value;
  if (state === "failed" || state === "stopped") {
    return { stayed: null, text: reason === null ? w.replayEnded : `${w.replayEnded} ${inLanguageOrAsIs(reason)}` };
  }
  if (result === null || !("stored" in result)) return null;
  // The result names a thousand of those that stay.
  const { stored, noEvent = 0 } = result;
  const stayed = done - stored - noEvent;
  return { stayed, text: w.replayResult(stored, noEvent, stayed) };
}
