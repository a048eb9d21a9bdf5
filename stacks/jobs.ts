/// <reference path="../.sst/platform/config.d.ts" />
import {
  announcer,
  eraser,
  exportKeeper,
  jobStarter,
  jobTaker,
  jobWriter,
  pictureWriter,
  quarantineWriter,
  reader,
  reportWriter,
} from "./access.ts";
import { jobs } from "./job-queue.ts";
import { lambda } from "./lambda.ts";

// It replays what is in quarantine, which is to take reports, and erases people.
const link = [
  reader,
  reportWriter,
  pictureWriter,
  quarantineWriter,
  announcer,
  eraser,
  exportKeeper,
  jobStarter,
  jobTaker,
  jobWriter,
];

/** Does the slice of a job that a message asks for. */
export const job = lambda("job", { memory: "1024 MB", timeout: "300 seconds" }, link, { GATEPOST_JOBS_URL: jobs.url });

// A job has each slice done by a message that the slice before it sent. After sixteen of them Lambda would take it for a
// loop that never ends, and put the seventeenth aside.
new aws.lambda.FunctionRecursionConfig("JobRecursion", { functionName: job.name, recursiveLoop: "Allow" });

new aws.lambda.EventSourceMapping("JobsMapping", {
  eventSourceArn: jobs.arn,
  functionName: job.arn,
  batchSize: 1,
  // What boxes and readers need of the account's concurrency is theirs.
  scalingConfig: { maximumConcurrency: 2 },
});
