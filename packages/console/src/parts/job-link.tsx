import type { Job } from "@gatepost/client";
import { useEffect } from "preact/hooks";
import { minuteMs } from "../format/durations.ts";
import { attempt } from "../state/failure.ts";
import { exportUrl, renewJob } from "../state/jobs.ts";

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
    <a class="btn main" href={url} download>
      {text}
    </a>
  );
}
