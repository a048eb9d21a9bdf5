/// <reference path="../.sst/platform/config.d.ts" />
import { givingOrders, type Rights, writingKeys } from "./access.ts";
import { bus } from "./bus.ts";
import { elsewhere } from "./elsewhere.ts";
import { stage } from "./stage.ts";
import { bucket, table } from "./storage.ts";

export interface Size {
  memory: `${number} MB`;
  timeout: `${number} seconds`;
}

/** Separates the metrics of this stage from the metrics of other stages in the account. */
export const metricsService = `gatepost-${$app.stage}`;

/** Permissions for tracing. X-Ray does not support resources. */
const tracing = [{ actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] }];

type Environment = Record<string, string | $util.Output<string>>;

/** The Lambda of a file in functions/. */
export function lambda(file: string, size: Size, rights: readonly Rights[], environment: Environment = {}) {
  const provisioned = stage.provisioned[file];
  // An account with a low limit refuses any reservation and the deploy fails, so nothing is reserved by default.
  const reserved = stage.reserved[file];
  return new sst.aws.Function(componentOf(file), {
    handler: `functions/${file}.handler`,
    ...size,
    runtime: "nodejs24.x",
    architecture: "arm64",
    nodejs: { minify: true, esbuild: { external: elsewhere } },
    logging: { retention: stage.logs },
    environment: {
      GATEPOST_TABLE: table.name,
      GATEPOST_BUCKET: bucket.name,
      GATEPOST_BUS: bus.name,
      GATEPOST_RETENTION_DAYS: `${stage.retentionDays}`,
      ...(stage.sceneDays === undefined ? {} : { GATEPOST_SCENE_DAYS: `${stage.sceneDays}` }),
      GATEPOST_STATISTICS_DAYS: `${stage.statisticsDays}`,
      GATEPOST_KEEP_FEATURES: stage.keepFeatures,
      GATEPOST_ANNOUNCE_EVENTS: stage.announceEvents,
      POWERTOOLS_SERVICE_NAME: metricsService,
      ...environment,
    },
    permissions: [...denied(file), ...rights.flat(), ...(stage.isTraced ? tracing : [])],
    transform: {
      // SST's default would let the whole account assume the role.
      role: { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) },
      function: (args) => {
        if (stage.isTraced) args.tracingConfig = { mode: "Active" };
        args.loggingConfig = $output(args.loggingConfig).apply((config) => ({
          ...config,
          logFormat: "JSON",
          // Lambda's own two lines per invocation say no more than its metrics.
          systemLogLevel: "WARN",
        }));
      },
    },
    // Only a version of a function can be kept warm.
    ...(provisioned === undefined ? {} : { versioning: true }),
    concurrency: {
      ...(provisioned === undefined ? {} : { provisioned }),
      ...(reserved === undefined ? {} : { reserved }),
    },
  });
}

/** The rows that a function may never write. */
function denied(file: string) {
  if (file === "api") return [];
  return file === "job" ? [writingKeys] : [writingKeys, givingOrders];
}

/** "history-event" as HistoryEvent. */
function componentOf(file: string): string {
  return file.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

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

/** Invokes a function by a schedule. */
export function every(schedule: `rate(${string})`, name: string, { targetArn }: sst.aws.Function) {
  const transform = { role: { assumeRolePolicy: ofThisAccount } };
  new sst.aws.CronV2(name, { schedule, function: targetArn, transform });
}
