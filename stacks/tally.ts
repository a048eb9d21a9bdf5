/// <reference path="../.sst/platform/config.d.ts" />
import { tallier } from "./access.ts";
import { uncounted } from "./counts.ts";
import { lambda } from "./lambda.ts";
import { table } from "./storage.ts";

/** Counts events, and notes the signs of boxes, from the stream of the table. */
export const tally = lambda("tally", { memory: "512 MB", timeout: "60 seconds" }, [tallier]);

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
