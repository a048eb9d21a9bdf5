/// <reference path="../.sst/platform/config.d.ts" />
import { checkHearer } from "./access.ts";
import { bus } from "./bus.ts";
import { lambda } from "./lambda.ts";

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
