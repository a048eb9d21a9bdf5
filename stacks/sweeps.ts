/// <reference path="../.sst/platform/config.d.ts" />
import {
  actionSweeper,
  announcer,
  boxSweeper,
  erasureFinisher,
  jobStarter,
  jobSweeper,
  photoCopier,
} from "./access.ts";
import { alert, hoursMail } from "./alerts.ts";
import { photoLinks } from "./ingest.ts";
import { jobs } from "./job-queue.ts";
import { lambda } from "./lambda.ts";

/** Announces actions that were left pending. */
export const actionSweep = lambda(
  "action-sweep",
  { memory: "512 MB", timeout: "50 seconds" },
  [actionSweeper, announcer, photoCopier],
  photoLinks,
);

/** Announces which boxes are silent, which have recovered, and alarms that no person has acknowledged. */
export const boxSweep = lambda("box-sweep", { memory: "512 MB", timeout: "50 seconds" }, [boxSweeper, announcer]);

/** Finishes erasures, once every process knows of them. */
export const erasureSweep = lambda("erasure-sweep", { memory: "512 MB", timeout: "290 seconds" }, [erasureFinisher]);

/** Queues jobs whose message was lost, and jobs of long batches, which have none. */
export const jobSweep = lambda("job-sweep", { memory: "512 MB", timeout: "50 seconds" }, [jobSweeper, jobStarter], {
  GATEPOST_JOBS_URL: jobs.url,
});

/** Only schedules of this account may assume the role. SST's default would allow schedules of any account. */
const ofThisAccount = aws.iam.getPolicyDocumentOutput({
  statements: [
    {
      actions: ["sts:AssumeRole"],
      principals: [{ type: "Service", identifiers: ["scheduler.amazonaws.com"] }],
      conditions: [
        { test: "StringEquals", variable: "aws:SourceAccount", values: [aws.getCallerIdentityOutput().accountId] },
      ],
    },
  ],
}).json;

every("rate(1 minute)", "ActionSweepSchedule", actionSweep);
every("rate(1 minute)", "BoxSweepSchedule", boxSweep);
every("rate(5 minutes)", "ErasureSweepSchedule", erasureSweep);
every("rate(1 minute)", "JobSweepSchedule", jobSweep);
if (alert !== undefined) every("rate(1 minute)", "AlertSchedule", alert);
if (hoursMail !== undefined) every("rate(5 minutes)", "HoursMailSchedule", hoursMail);

/** Invokes a function by a schedule. */
export function every(schedule: `rate(${string})`, name: string, { targetArn }: sst.aws.Function) {
  const transform = { role: { assumeRolePolicy: ofThisAccount } };
  new sst.aws.CronV2(name, { schedule, function: targetArn, transform });
}
