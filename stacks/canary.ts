/// <reference path="../.sst/platform/config.d.ts" />
import { eraser, topicReader } from "./access.ts";
import { photoLinks } from "./ingest.ts";
import { lambda } from "./lambda.ts";
import { sockets } from "./sockets.ts";
import { stage } from "./stage.ts";
import { every } from "./sweeps.ts";
import { addressed } from "./topics.ts";

/** Checks the whole deployment every five minutes; undefined without the setting. */
export const canary = stage.hasCanary ? checking() : undefined;

function checking() {
  // Keys that can deliver and see nothing but checks: docs/aws.md has the commands that make them.
  const [ingestKey, readKey] = [new sst.Secret("CanaryIngestKey"), new sst.Secret("CanaryReadKey")];
  const made = lambda(
    "canary",
    { memory: "512 MB", timeout: "120 seconds" },
    topicReader === undefined ? [eraser] : [eraser, topicReader],
    {
      ...photoLinks,
      GATEPOST_LIVE_URL: sockets.url,
      GATEPOST_CANARY_INGEST_KEY: ingestKey.value,
      GATEPOST_CANARY_READ_KEY: readKey.value,
      GATEPOST_ALARM_TOPICS: $util.all(addressed.map(({ arn }) => arn)).apply((arns) => arns.join(",")),
    },
  );
  every("rate(5 minutes)", "CanarySchedule", made);
  return made;
}
