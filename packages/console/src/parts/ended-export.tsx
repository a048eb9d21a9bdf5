import type { Job } from "@gatepost/client";
import { words } from "../words/index.ts";
import { JobLink } from "./job-link.tsx";
import { exportFault } from "./job-progress.tsx";

/** The file of an export that has ended, or why there is none. */
export function EndedExport({ name, job }: { name: string; job: Job }) {
  if (job.state === "done") return <JobLink name={name} job={job} text={words.value.events.download} />;
  return (
    <bdi class="bad" role="alert">
      {exportFault(job)}
    </bdi>
  );
}
