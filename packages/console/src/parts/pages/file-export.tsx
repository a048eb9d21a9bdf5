import type { Api, Job } from "@gatepost/client";
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { attempt } from "../../state/failure.ts";
import { isUnfinished, jobOf, runJob } from "../../state/jobs.ts";
import { say } from "../../state/notice.ts";
import { words } from "../../words/index.ts";
import { NothingToExport } from "../button.tsx";
import { exportFault, JobLink, RunningJob } from "../job-progress.tsx";
import { Item, Opener } from "../popover.tsx";

/** Names of exports, and the list whose file was asked for last. */
const exported = signal<Readonly<Record<string, string>>>({});

interface FileExportProps {
  /** The name under which the job runs. */
  name: string;
  /** A text that is the same for the same list: its file is offered on its page alone. */
  list: string;
  /** Whether there is nothing in the list. */
  isEmpty: boolean;
  choices: readonly { text: ComponentChildren; wish: Api["POST /v1/jobs"]["body"] }[];
}

/** Exports a list to a file of a chosen format, as a job of the server. */
export function FileExport({ name, list, isEmpty, choices }: FileExportProps) {
  const { export: label } = words.value.events;
  const job = jobOf(name).value;
  if (isUnfinished(job)) return <RunningJob job={job} label={label} />;
  const run = async (wish: Api["POST /v1/jobs"]["body"]) => {
    exported.value = { ...exported.value, [name]: list };
    const ended = await runJob(name, wish);
    if (ended?.state === "failed") say(words.peek().events.exportFailed);
  };
  return (
    <>
      {job === null || exported.value[name] !== list ? null : <Ended name={name} job={job} />}
      {isEmpty ? (
        <NothingToExport />
      ) : choices.length === 0 ? null : (
        <Opener label={label} text={label} icon="download">
          {(close) => (
            <ul class="choices">
              {choices.map(({ text, wish }, at) => (
                <Item key={at} text={text} close={close} onChoose={() => void attempt(() => run(wish))} />
              ))}
            </ul>
          )}
        </Opener>
      )}
    </>
  );
}

/** The file of an export that has ended, or why there is none. */
function Ended({ name, job }: { name: string; job: Job }) {
  if (job.state === "done") return <JobLink name={name} job={job} text={words.value.events.download} />;
  return (
    <bdi class="bad" role="alert">
      {exportFault(job)}
    </bdi>
  );
}
