/// <reference path="../.sst/platform/config.d.ts" />
import {
  actionSweeper,
  alertTeller,
  announcer,
  boxSweeper,
  checkHearer,
  eraser,
  erasureFinisher,
  exportKeeper,
  hoursMailer,
  jobStarter,
  jobSweeper,
  jobTaker,
  jobWriter,
  notifier,
  passingTeller,
  pictureWriter,
  quarantineWriter,
  reader,
  reportWriter,
  tallier,
} from "./access.ts";
import { withoutPattern } from "./alert-settings.ts";
import { contact, cursorSecret } from "./api.ts";
import { alertQueues, bus, jobs, notifications, uncounted } from "./bus.ts";
import { router } from "./console.ts";
import { photoLinks } from "./ingest.ts";
import { every, lambda } from "./lambda.ts";
import { stage } from "./stage.ts";
import { table } from "./storage.ts";

// It replays records of quarantine, so it needs the rights of functions that take reports; it erases people, and gives
// the orders that a person has given for many actions at once.
const rights = [
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
export const job = lambda("job", { memory: "1024 MB", timeout: "300 seconds" }, rights, {
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

/** Announces actions that were left pending. */
export const actionSweep = lambda(
  "action-sweep",
  { memory: "512 MB", timeout: "50 seconds" },
  [actionSweeper, announcer],
  photoLinks,
);

/** Announces which boxes are silent, which have recovered, alarms that no person has acknowledged, and visitors. */
export const boxSweep = lambda("box-sweep", { memory: "512 MB", timeout: "50 seconds" }, [boxSweeper, announcer]);

/** Finishes erasures, once every process knows of them. */
export const erasureSweep = lambda("erasure-sweep", { memory: "512 MB", timeout: "290 seconds" }, [erasureFinisher]);

/** Queues jobs whose message was lost, and jobs of long batches, which have none. */
export const jobSweep = lambda("job-sweep", { memory: "512 MB", timeout: "50 seconds" }, [jobSweeper, jobStarter], {
  GATEPOST_JOBS_URL: jobs.url,
});

/** Counts events, notes the signs of boxes, and has browsers notified of passings, from the stream of the table. */
export const tally = lambda(
  "tally",
  { memory: "512 MB", timeout: "60 seconds" },
  [tallier, passingTeller],
  // Of announced events the bus notifies at once.
  stage.announceEvents === "1" ? {} : { GATEPOST_NOTIFICATIONS_URL: notifications.queue.url },
);

table.subscribe("Tally", tally.targetArn, {
  // Events that are made, get another report, or are removed; statuses of boxes, quarantine records, and the pulse by
  // which the sweep of boxes knows that the stream is read.
  filters: [
    { dynamodb: { Keys: { pk: { S: [{ prefix: "evt_" }, { prefix: "notice " }, { prefix: "qrt_" }, "pulse"] } } } },
  ],
  transform: {
    eventSourceMapping: (args) => {
      // The stream is read from its beginning, a day ago, so that nothing of a deploy is missed; nothing is counted
      // twice.
      args.startingPosition = "TRIM_HORIZON";
      args.batchSize = 1000;
      args.maximumBatchingWindowInSeconds = 60;
      // The window only makes Lambda pass the shard of a batch to the function.
      args.tumblingWindowInSeconds = 900;
      // The stream keeps records for 24 hours. An hour before they are lost, the queue gets a message.
      args.maximumRecordAgeInSeconds = 23 * 60 * 60;
      args.maximumRetryAttempts = -1;
      args.bisectBatchOnFunctionError = true;
      args.destinationConfig = { onFailure: { destinationArn: uncounted.arn } };
    },
  },
});

/** The subscriber of `gatepost check`, so that a check includes the bus. */
export const checkHeard = lambda("check-heard", { memory: "512 MB", timeout: "10 seconds" }, [checkHearer]);

const rule = new aws.cloudwatch.EventRule("CheckRule", {
  eventBusName: bus.name,
  description: "What gatepost check announces",
  eventPattern: $jsonStringify({ source: ["gatepost"], "detail-type": ["Gatepost Test"] }),
});

new aws.lambda.Permission("CheckPermission", {
  action: "lambda:InvokeFunction",
  function: checkHeard.arn,
  principal: "events.amazonaws.com",
  sourceArn: rule.arn,
});

// A check is over soon, so failed deliveries are not kept.
new aws.cloudwatch.EventTarget("CheckTarget", {
  eventBusName: bus.name,
  rule: rule.name,
  arn: checkHeard.arn,
  retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 60 },
});

// The secret members of targets, by the name of their rule, as {"blacklist":{"url":"https://…"}}.
const secrets = stage.alerts === undefined ? undefined : new sst.Secret("AlertSecrets", "{}");

const rulesAlone = {
  GATEPOST_ALERTS: JSON.stringify((stage.alerts ?? []).map(withoutPattern)),
  GATEPOST_ALERT_SECRETS: secrets?.value ?? "{}",
};

/** Notifies browsers, and alerts people by the rules. */
export const alert = lambda("alert", { memory: "512 MB", timeout: "20 seconds" }, [notifier, alertTeller ?? []], {
  ...rulesAlone,
  ...contact,
  GATEPOST_ALERT_ZONE: stage.alertZone,
  GATEPOST_CURSOR_SECRET: cursorSecret.base64,
  GATEPOST_PUBLIC_URL: router.url,
});

new aws.lambda.EventSourceMapping("NotificationsMapping", {
  eventSourceArn: notifications.queue.arn,
  functionName: alert.arn,
  // A slow push service does not delay other entries.
  batchSize: 1,
  functionResponseTypes: ["ReportBatchItemFailures"],
  scalingConfig: { maximumConcurrency: 5 },
});

if (alertQueues !== undefined) {
  new aws.lambda.EventSourceMapping("AlertsMapping", {
    eventSourceArn: alertQueues.queue.arn,
    functionName: alert.arn,
    batchSize: 10,
    functionResponseTypes: ["ReportBatchItemFailures"],
    // A channel takes 20 messages a minute, however many functions there are.
    scalingConfig: { maximumConcurrency: 2 },
  });
}

/** The function that mails hours; undefined if no rule sends e-mail. Claims of mails are longer than its timeout. */
export const hoursMail =
  hoursMailer && lambda("hours-mail", { memory: "1024 MB", timeout: "290 seconds" }, [hoursMailer], rulesAlone);

every("rate(1 minute)", "ActionSweepSchedule", actionSweep);
every("rate(1 minute)", "BoxSweepSchedule", boxSweep);
every("rate(5 minutes)", "ErasureSweepSchedule", erasureSweep);
every("rate(1 minute)", "JobSweepSchedule", jobSweep);
if (alertQueues !== undefined) every("rate(1 minute)", "AlertSchedule", alert);
if (hoursMail !== undefined) every("rate(5 minutes)", "HoursMailSchedule", hoursMail);
