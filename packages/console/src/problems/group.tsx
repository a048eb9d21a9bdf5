import type { Job, QuarantineGroup } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { count } from "../format/number.ts";
import { Button } from "../parts/button.tsx";
import { attempt } from "../state/attempt.ts";
import { runJob, stopJob } from "../state/jobs.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost, isAdmin } from "../state/session.ts";
import { words } from "../words/index.ts";
import { reasonOf } from "./reasons.ts";
import { Record as OneRecord } from "./record.tsx";

/** One group: what is wrong, what to do, replaying all of it, and its reports one by one. */
export function Group({ group, onReplayed }: { group: QuarantineGroup; onReplayed(): void }) {
  const { problems: w } = words.value;
  const { reason, box, path } = group;
  const [title, what, todo] = reasonOf(reason);
  const job = useSignal<Job | null>(null);
  const at = useSignal(0);
  const { state, reload } = useLoading(`records ${reason} ${box} ${path}`, (signal) =>
    gatepost().ask("GET /v1/quarantine", { query: { reason, box, path, limit: 50 }, signal }),
  );
  const records = state.value.value?.records ?? [];
  const chosen = records[Math.min(at.value, records.length - 1)];
  const replayAll = () =>
    attempt(async () => {
      job.value = null;
      await runJob({ kind: "replay", reason, box, path }, (running) => {
        job.value = running;
      });
      onReplayed();
      reload();
    });
  const isRunning = job.value?.state === "running" || job.value?.state === "waiting";
  return (
    <section class="stack" aria-labelledby="prob">
      <div class="title">
        <div class="gap">
          <h2 id="prob">
            <bdi>{w.title(group.count, box, title)}</bdi>
          </h2>
          <p class="quiet">
            {what} {todo}
          </p>
        </div>
        {isAdmin.value ? (
          <span class="end line">
            {isRunning ? (
              <Button onClick={() => void stopJob(job.value?.id ?? "")}>{words.value.events.stop}</Button>
            ) : (
              <Button icon="replay" onClick={() => void replayAll()}>
                {w.replayAll}
              </Button>
            )}
          </span>
        ) : null}
      </div>
      {job.value === null ? null : <Progress job={job.value} />}
      {chosen === undefined ? null : (
        <OneRecord
          key={chosen.id}
          record={chosen}
          onNewer={at.value === 0 ? null : () => at.value--}
          onOlder={at.value >= records.length - 1 ? null : () => at.value++}
          onReplayed={() => {
            reload();
            onReplayed();
          }}
        />
      )}
    </section>
  );
}

function Progress({ job }: { job: Job }) {
  const { problems: w } = words.value;
  const result = job.result !== null && "stored" in job.result ? job.result : null;
  return (
    <div class="panel">
      <div class="body gap">
        <div class="prog">
          <progress value={job.done} max={job.of ?? job.done} aria-label={w.replay} />
          <b>
            {count(job.done)} / {count(job.of ?? job.done)}
          </b>
        </div>
        <span class="meta" role="status">
          {result === null ? "" : w.replayResult(result.stored, result.kept.length)}
        </span>
      </div>
    </div>
  );
}
