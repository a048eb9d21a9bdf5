/// <reference path="../.sst/platform/config.d.ts" />
import { gateway } from "./ingest.ts";
import { answering, lambdas } from "./lambdas.ts";

/*
 * Log lines that are counted, because nothing else tells. Each stage has a namespace of its own: a metric of a log line
 * has no dimensions, and a stage must not raise the alarms of another one.
 */

const namespace = `Gatepost/Notices/${$app.stage}`;

const notReceived = "no box is looked at: what they send is not received or not noted";

/** Lines of the functions that write them, by their message. */
export const notices = {
  quarantineHalfFull: counted("quarantineHalfFull", "quarantine over half full", [...answering.keys()]),
  notAnnounced: counted("notAnnounced", "not announced", ["action-sweep"]),
  boxesUnwatched: counted("boxesUnwatched", notReceived, ["box-sweep"]),
};

/** The log of what the gateway has answered. */
export const accessLog = gateway.nodes.logGroup.name;

/** Its lines, whose members are all text. POST are the routes of boxes; who only looks around uses others. */
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
