/// <reference path="../.sst/platform/config.d.ts" />
import { alert, hoursMail } from "./alerts.ts";
import { api } from "./api.ts";
import { canary } from "./canary.ts";
import { checkHeard } from "./check.ts";
import { receivers } from "./ingest.ts";
import { job } from "./jobs.ts";
import { live } from "./live.ts";
import { actionSweep, boxSweep, erasureSweep, jobSweep } from "./sweeps.ts";
import { tally } from "./tally.ts";

/** The functions that run on a schedule, by their files. */
export const sweeps = new Map([
  ["action-sweep", actionSweep] as const,
  ["box-sweep", boxSweep] as const,
  ["erasure-sweep", erasureSweep] as const,
  ["job-sweep", jobSweep] as const,
  // The schedule makes it send summaries.
  ...(alert === undefined ? [] : [["alert", alert] as const]),
  ...(hoursMail === undefined ? [] : [["hours-mail", hoursMail] as const]),
]);

/** The functions that answer requests, by their files. */
export const answering = new Map([...receivers, ["api", api] as const]);

/** Every function that is deployed, by its file. */
export const lambdas = new Map([
  ...answering,
  ...live,
  ...sweeps,
  ["check-heard", checkHeard] as const,
  ["tally", tally] as const,
  ["job", job] as const,
  ...(canary === undefined ? [] : [["canary", canary] as const]),
]);
