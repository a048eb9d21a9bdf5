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
import { photoLinks } from "./ingest.ts";
import { jobs } from "./job-queue.ts";
import { lambda } from "./lambda.ts";
import { stage } from "./stage.ts";

// It replays records of quarantine, so it needs the rights of functions that take reports; it erases people, and gives
// the orders that a person has given for many actions at once.
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
export const job = lambda("job", { memory: "1024 MB", timeout: "300 seconds" }, link, {
  GATEPOST_JOBS_URL: jobs.url,
  ...photoLinks,
  // The receipt of an erasure names the versions that S3 keeps of erased objects.
  ...(stage.replica === undefined ? {} : { GATEPOST_VERSIONS: "1" }),
});

// Each slice of a job sends the message for the next one. Lambda takes more than sixteen of these for an endless loop,
// and would stop the job.
new aws.lambda.FunctionRecursionConfig("JobRecursion", { functionName: job.name, recursiveLoop: "Allow" });

new aws.lambda.EventSourceMapping("JobsMapping", {
  eventSourceArn: jobs.arn,
  functionName: job.arn,
  batchSize: 1,
  // Jobs must not use the concurrency of the account that boxes and readers need.
  scalingConfig: { maximumConcurrency: 2 },
});
