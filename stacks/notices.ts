/// <reference path="../.sst/platform/config.d.ts" />
import { gateway } from "./ingest.ts";
import { answering, lambdas } from "./lambdas.ts";

/*
 * Log lines that are counted as metrics, if no other metric exists. Each stage has its own namespace, because a metric
 * of a log line has no dimensions, and a stage must not raise the alarms of another stage.
 */

const namespace = `Gatepost/Notices/${$app.stage}`;

const notReceived = "no box is looked at: what they send is not received or not noted";

/** Lines of the functions that write them, by their message. */
export const notices = {
  quarantineHalfFull: counted("quarantineHalfFull", "quarantine over half full", [...answering.keys()]),
  notAnnounced: counted("notAnnounced", "not announced", ["action-sweep"]),
  boxesUnwatched: counted("boxesUnwatched", notReceived, ["box-sweep"]),
  changesLag: counted("changesLag", "the index of changes lags", ["box-sweep"]),
};

/** The access log of the gateway. */
export const accessLog = gateway.nodes.logGroup.name;

/** Counts lines of the access log, whose members are all texts. Boxes use POST; scanners mostly use other methods. */
export const answers = {
  tooLarge: answered("tooLarge", '{ $.status = "413" }'),
  throttled: answered("throttled", '{ $.status = "429" }'),
  keyRefused: answered("keyRefused", '{ ($.routeKey = "POST *") && (($.status = "401") || ($.status = "403")) }'),
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

function answered(metricName: string, pattern: string) {
  new aws.cloudwatch.LogMetricFilter(metricName, {
    logGroupName: accessLog,
    pattern,
    metricTransformation: { namespace, name: metricName, value: "1" },
  });
  return { namespace, metricName };
}
