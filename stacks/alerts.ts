/// <reference path="../.sst/platform/config.d.ts" />
import { alertTeller, hoursMailer } from "./access.ts";
import { alertQueues } from "./alert-queue.ts";
import { withoutPattern } from "./alert-settings.ts";
import { cursorSecret } from "./api.ts";
import { router } from "./console.ts";
import { lambda } from "./lambda.ts";
import { stage } from "./stage.ts";

// The secret members of targets, by the name of their rule, as {"blacklist":{"url":"https://…"}}.
const secrets = stage.alerts === undefined ? undefined : new sst.Secret("AlertSecrets", "{}");

const rulesAlone = {
  GATEPOST_ALERTS: JSON.stringify((stage.alerts ?? []).map(withoutPattern)),
  GATEPOST_ALERT_SECRETS: secrets?.value ?? "{}",
};

/** The function that alerts people; undefined without alerts. */
export const alert = alertTeller === undefined ? undefined : telling(alertTeller);

/** The function that mails hours; undefined if no rule sends e-mail. Claims of mails are longer than its timeout. */
export const hoursMail =
  hoursMailer && lambda("hours-mail", { memory: "1024 MB", timeout: "290 seconds" }, [hoursMailer], rulesAlone);

function telling(link: NonNullable<typeof alertTeller>) {
  const told = lambda("alert", { memory: "512 MB", timeout: "20 seconds" }, [link], {
    ...rulesAlone,
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
