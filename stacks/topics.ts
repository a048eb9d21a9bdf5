/// <reference path="../.sst/platform/config.d.ts" />
import { stage } from "./stage.ts";

/** The topic of every alarm. */
export const topic = new sst.aws.SnsTopic("Alarms");

if (stage.alarmEmail) {
  new aws.sns.TopicSubscription("AlarmsByMail", { topic: topic.arn, protocol: "email", endpoint: stage.alarmEmail });
}

/** The topic of urgent alarms; undefined without a pager. */
export const pager = stage.pagerEmail === undefined ? undefined : new sst.aws.SnsTopic("Pager");

if (pager !== undefined) {
  const endpoint = stage.pagerEmail ?? "";
  new aws.sns.TopicSubscription("PagerByMail", { topic: pager.arn, protocol: "email", endpoint });
}

/** The topics with an address, which must be confirmed. */
export const addressed = [...(stage.alarmEmail === undefined ? [] : [topic]), ...(pager === undefined ? [] : [pager])];
