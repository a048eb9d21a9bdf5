/// <reference path="../.sst/platform/config.d.ts" />
import { alertTeller } from "./access.ts";
import { alertQueues } from "./alert-queue.ts";
import { withoutPattern } from "./alert-settings.ts";
import { cursorSecret } from "./api.ts";
import { router } from "./console.ts";
import { lambda } from "./lambda.ts";
import { stage } from "./stage.ts";

/** The function that alerts people; undefined without alerts. */
export const alert = alertTeller === undefined ? undefined : telling(alertTeller);

function telling(link: NonNullable<typeof alertTeller>) {
  // The secret members of targets, by the name of their rule, as {"blacklist":{"url":"https://…"}}.
  const secrets = new sst.Secret("AlertSecrets", "{}");
  const told = lambda("alert", { memory: "512 MB", timeout: "20 seconds" }, [link], {
    GATEPOST_ALERTS: JSON.stringify((stage.alerts ?? []).map(withoutPattern)),
    GATEPOST_ALERT_SECRETS: secrets.value,
    GATEPOST_ALERT_ZONE: stage.alertZone,
    GATEPOST_CURSOR_SECRET: cursorSecret.base64,
    GATEPOST_PUBLIC_URL: router.url,
  });
  new aws.lambda.EventSourceMapping("AlertsMapping", {
    eventSourceArn: alertQueues?.queue.arn ?? "",
    functionName: told.arn,
    batchSize: 10,
    functionResponseTypes: ["ReportBatchItemFailures"],
    // A channel takes 20 messages a minute, however many functions there are.
    scalingConfig: { maximumConcurrency: 2 },
  });
  return told;
}
