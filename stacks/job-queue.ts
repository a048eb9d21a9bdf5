/// <reference path="../.sst/platform/config.d.ts" />
import { keeping } from "./bus.ts";

/** Messages whose slice failed three times. */
export const unhandledJobs = keeping("JobsUnhandled");

/** Each message runs one slice of a job. It stays hidden for longer than the function may take. */
export const jobs = keeping("Jobs", {
  visibilityTimeout: "330 seconds",
  dlq: { queue: unhandledJobs.arn, retry: 3 },
});
