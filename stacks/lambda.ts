/// <reference path="../.sst/platform/config.d.ts" />
import { bus } from "./bus.ts";
import { stage } from "./stage.ts";
import { bucket, table } from "./storage.ts";

export interface Size {
  memory: `${number} MB`;
  timeout: `${number} seconds`;
}

/** Ways to credentials that the SDK tries where there are none in the environment, as on a Lambda there are. */
const elsewhere = [
  "@aws-sdk/credential-provider-http",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/credential-provider-imds",
];

/** By this the metrics of one stage are told from those of another in the same account. */
export const metricsService = `gatepost-${$app.stage}`;

type Environment = Record<string, string | $util.Output<string>>;

/** The Lambda of a file in functions/. */
export function lambda(file: string, size: Size, link: sst.Linkable<object>[], environment: Environment = {}) {
  const provisioned = stage.provisioned[file];
  return new sst.aws.Function(componentOf(file), {
    handler: `functions/${file}.handler`,
    ...size,
    link,
    runtime: "nodejs24.x",
    architecture: "arm64",
    nodejs: { minify: true, esbuild: { external: elsewhere } },
    logging: { retention: stage.logs, format: "json" },
    environment: {
      GATEPOST_TABLE: table.name,
      GATEPOST_BUCKET: bucket.name,
      GATEPOST_BUS: bus.name,
      GATEPOST_RETENTION_DAYS: `${stage.retentionDays}`,
      GATEPOST_KEEP_FEATURES: stage.keepFeatures,
      GATEPOST_ANNOUNCE_EVENTS: stage.announceEvents,
      POWERTOOLS_SERVICE_NAME: metricsService,
      ...environment,
    },
    // SST would let the whole account assume it.
    transform: {
      role: { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) },
    },
    // Only a version of a function can be kept warm.
    ...(provisioned === undefined ? {} : { versioning: true, concurrency: { provisioned } }),
  });
}

/** "history-event" as HistoryEvent. */
function componentOf(file: string): string {
  return file.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
