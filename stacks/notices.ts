/// <reference path="../.sst/platform/config.d.ts" />
import { answering, lambdas } from "./lambdas.ts";

/*
 * Log lines that are counted, because nothing else tells: by their message, of the functions that write them.
 */

const namespace = "Gatepost/Notices";

export const notices = {
  quarantineHalfFull: counted("quarantineHalfFull", "quarantine over half full", [...answering.keys()]),
  notAnnounced: counted("notAnnounced", "not announced", ["action-sweep"]),
};

function counted(metricName: string, message: string, files: string[]) {
  for (const file of files) {
    new aws.cloudwatch.LogMetricFilter(`${metricName}-${file}`, {
      logGroupName: $output(lambdas.get(file)?.nodes.logGroup).apply((group) => $output(group?.name ?? "")),
      pattern: `{ $.message = ${JSON.stringify(message)} }`,
      metricTransformation: { namespace, name: metricName, value: "1" },
    });
  }
  return { namespace, metricName };
}
