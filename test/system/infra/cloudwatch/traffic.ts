import * as z from "zod";
import { all, type Graph } from "../stages.ts";
import type { Sample } from "./alarm.ts";

/** Minutes that are looked at: what happens begins at the first, and the rest of the time all is well. */
export const minutes = 5 * 60;
export const beginsAt = 60;

const lambdaInputs = z.object({ name: z.string(), timeout: z.number() });

export interface Deployed {
  name: string;
  /** ms after which Lambda ends it. */
  timeoutMs: number;
}

/** A function that is deployed, by the file that it is made of. */
export function deployed(graph: Graph, file: string): Deployed {
  const built = graph.builds.find(({ handler }) => handler === `functions/${file}.handler`);
  const found = all(graph, "lambda/function:Function").find(({ parent }) => parent === built?.component);
  const { name, timeout } = lambdaInputs.parse(found?.inputs);
  return { name, timeoutMs: timeout * 1000 };
}

export function sample(namespace: string, metricName: string, dimensions: Record<string, string>) {
  return (minute: number, ...values: number[]): Sample => ({ namespace, metricName, dimensions, minute, values });
}

const known = new WeakMap<Graph, Sample[]>();

/** What a healthy stage publishes: now and then one slow call, and nothing at all for hours of the night. */
export function wellFor(graph: Graph): Sample[] {
  const samples = known.get(graph) ?? allWell(graph);
  known.set(graph, samples);
  return samples;
}

function allWell(graph: Graph): Sample[] {
  return [
    ...graph.builds.flatMap(({ handler }) => functionWell(graph, handler)),
    ...all(graph, "sqs/queue:Queue").flatMap(({ inputs }) => queueWell(String(inputs["name"]))),
    ...all(graph, "dynamodb/table:Table").flatMap(({ inputs }) => tableWell(String(inputs["name"]))),
    ...all(graph, "apigatewayv2/api:Api").flatMap(({ name }) => apiWell(`${name}-id`)),
  ];
}

const night = (minute: number) => minute > minutes - 90;

function functionWell(graph: Graph, handler: string): Sample[] {
  const file = handler.replace(/^functions\/|\.handler$/g, "");
  const { name, timeoutMs } = deployed(graph, file);
  const sampleOf = (metric: string) => sample("AWS/Lambda", metric, { FunctionName: name });
  const isSweep = file.endsWith("-sweep") || file === "canary";
  const every = ["erasure-sweep", "job-sweep", "canary"].includes(file) ? 5 : 1;
  const calls = isSweep ? 1 : 100;
  const quick = Array<number>(calls).fill(Math.min(200, timeoutMs * 0.05));
  const durations = isSweep ? quick : [...quick.slice(1), timeoutMs * 0.99];
  return times(every).flatMap((minute) => {
    if (night(minute) && !isSweep) return [];
    return [
      sampleOf("Invocations")(minute, calls),
      sampleOf("Errors")(minute, 0),
      sampleOf("Throttles")(minute, 0),
      sampleOf("Duration")(minute, ...durations),
      ...(file === "tally" ? [sampleOf("IteratorAge")(minute, 200, 60_000)] : []),
    ];
  });
}

function queueWell(QueueName: string): Sample[] {
  const sampleOf = (metric: string) => sample("AWS/SQS", metric, { QueueName });
  return times(5).flatMap((minute) => [
    sampleOf("ApproximateNumberOfMessagesVisible")(minute, 0),
    sampleOf("NumberOfMessagesSent")(minute, 0),
    // A subscriber may be mended for most of a day.
    sampleOf("ApproximateAgeOfOldestMessage")(minute, 0, 20 * 60 * 60),
  ]);
}

function tableWell(TableName: string): Sample[] {
  const sampleOf = (metric: string) => sample("AWS/DynamoDB", metric, { TableName });
  return times(1).map((minute) => sampleOf("ConsumedWriteCapacityUnits")(minute, 500));
}

function apiWell(ApiId: string): Sample[] {
  const sampleOf = (metric: string) => sample("AWS/ApiGateway", metric, { ApiId });
  return times(1).flatMap((minute) =>
    night(minute) ? [] : [sampleOf("Count")(minute, 100), sampleOf("4xx")(minute, 3), sampleOf("5xx")(minute, 0)],
  );
}

function times(every: number): number[] {
  return Array.from({ length: Math.floor(minutes / every) }, (_, index) => index * every);
}
