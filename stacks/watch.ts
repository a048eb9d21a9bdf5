/// <reference path="../.sst/platform/config.d.ts" />
import { eraser, topicReader } from "./access.ts";
import { api } from "./api.ts";
import { addressed } from "./bus.ts";
import { router } from "./console.ts";
import { gateway, photoLinks, receivers } from "./ingest.ts";
import { actionSweep, alert, boxSweep, checkHeard, erasureSweep, hoursMail, job, jobSweep, tally } from "./jobs.ts";
import { every, lambda } from "./lambda.ts";
import { replica } from "./replica.ts";
import { type Deployed, deployedParameter, settingsOf, shown } from "./settings.ts";
import { stage } from "./stage.ts";
import { bucket } from "./storage.ts";

/** Checks the whole deployment every five minutes; undefined without the setting. */
export const canary = stage.hasCanary ? checking() : undefined;

function checking() {
  // Keys that can deliver and see nothing but checks: docs/aws.md has the commands that make them.
  const [ingestKey, readKey] = [new sst.Secret("CanaryIngestKey"), new sst.Secret("CanaryReadKey")];
  const made = lambda("canary", { memory: "512 MB", timeout: "120 seconds" }, [eraser, topicReader], {
    ...photoLinks,
    GATEPOST_CANARY_INGEST_KEY: ingestKey.value,
    GATEPOST_CANARY_READ_KEY: readKey.value,
    GATEPOST_ALARM_TOPICS: $util.all(addressed.map(({ arn }) => arn)).apply((arns) => arns.join(",")),
  });
  every("rate(5 minutes)", "CanarySchedule", made);
  return made;
}

/** The functions that run on a schedule, by their files. */
export const sweeps = new Map([
  ["action-sweep", actionSweep] as const,
  ["box-sweep", boxSweep] as const,
  ["erasure-sweep", erasureSweep] as const,
  ["job-sweep", jobSweep] as const,
  // The schedule makes it send summaries of alerts.
  ...(stage.alerts === undefined ? [] : [["alert", alert] as const]),
  ...(hoursMail === undefined ? [] : [["hours-mail", hoursMail] as const]),
]);

/** The functions that answer requests, by their files. */
export const answering = new Map([...receivers, ["api", api] as const]);

/** Every function that is deployed, by its file. */
export const lambdas = new Map([
  ...answering,
  ...sweeps,
  ["alert", alert] as const,
  ["check-heard", checkHeard] as const,
  ["tally", tally] as const,
  ["job", job] as const,
  ...(canary === undefined ? [] : [["canary", canary] as const]),
]);

/*
 * The budget is for the whole account. The costs of one stage could only be separated by a tag that must be activated
 * for billing; without that, its budget would never be reached.
 */
if (stage.budget !== undefined) {
  const told = { comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE" };
  const subscriberEmailAddresses = [stage.alarmEmail ?? ""];
  new aws.budgets.Budget("Budget", {
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: stage.budget,
    limitUnit: "USD",
    notifications: [
      { ...told, notificationType: "FORECASTED", threshold: 100, subscriberEmailAddresses },
      { ...told, notificationType: "ACTUAL", threshold: 80, subscriberEmailAddresses },
    ],
  });
}

/** Days that CloudTrail's notes are kept: as long as the counts of passings. */
const keptDays = 400;

if (stage.hasDataEvents) noteAccess();

/** Notes in CloudTrail every read and write of an object of the bucket and of its copy, with its caller. */
function noteAccess() {
  const name = `gatepost-${$app.stage}-pictures`;
  const { partition } = aws.getPartitionOutput();
  const { region } = aws.getRegionOutput();
  const { accountId } = aws.getCallerIdentityOutput();
  const arn = $interpolate`arn:${partition}:cloudtrail:${region}:${accountId}:trail/${name}`;
  const noted = replica === undefined ? [bucket] : [bucket, replica.bucket];
  const ofTrail = {
    principals: [{ type: "service" as const, identifiers: ["cloudtrail.amazonaws.com"] }],
    conditions: [{ test: "StringEquals", variable: "aws:SourceArn", values: [arn] }],
  };
  const notes = new sst.aws.Bucket("Trail", {
    enforceHttps: true,
    cors: false,
    lifecycle: [{ id: "notes", expiresIn: `${keptDays} days` }],
    policy: [
      { actions: ["s3:GetBucketAcl"], ...ofTrail },
      { actions: ["s3:PutObject"], paths: ["AWSLogs/*"], ...ofTrail },
    ],
    transform: {
      bucket: (args) => {
        args.forceDestroy = !stage.isProtected;
      },
    },
  });
  new aws.cloudtrail.Trail(
    "PictureTrail",
    {
      name,
      s3BucketName: notes.name,
      includeGlobalServiceEvents: false,
      // A trail of one region notes nothing of the copy in another one.
      isMultiRegionTrail: replica !== undefined,
      enableLogFileValidation: true,
      advancedEventSelectors: [
        {
          name: "Reads and writes of pictures",
          fieldSelectors: [
            { field: "eventCategory", equals: ["Data"] },
            { field: "resources.type", equals: ["AWS::S3::Object"] },
            { field: "resources.ARN", startsWiths: noted.map(({ arn }) => $interpolate`${arn}/`) },
          ],
        },
      ],
    },
    // AWS refuses a trail that its bucket does not allow.
    { dependsOn: [notes] },
  );
}

const deployed: Deployed = {
  commit: process.env.GATEPOST_DEPLOY || $cli.command,
  settings: shown(settingsOf($app.stage).settings),
};

/** The next deploy compares its settings with these. A deploy that fails before its functions are there notes none. */
new aws.ssm.Parameter(
  "Deployed",
  {
    name: deployedParameter($app.stage),
    description: `Gatepost ${$app.stage}: the settings of the last deploy`,
    type: "String",
    // Beyond 4 KB a parameter costs some cents a month.
    tier: "Intelligent-Tiering",
    value: JSON.stringify(deployed),
  },
  { dependsOn: [...lambdas.values(), gateway, router] },
);
