import { expect } from "vitest";
import { leaseMs, maxReceives } from "../../../../packages/aws/src/jobs/worker.ts";
import { all, document, one } from "../stages.ts";
import type { Checks } from "./check.ts";

export const jobChecks: Checks = {
  "a message of a job is one slice, and few are done at the same time": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(one(graph, "lambda/eventSourceMapping:EventSourceMapping", "JobsMapping").inputs).toEqual({
        eventSourceArn: `arn:aws:sqs:eu-west-1:123456789012:gatepost-${graph.stage}-JobsQueue`,
        functionName: `arn:aws:lambda:eu-west-1:123456789012:function:gatepost-${graph.stage}-JobFunction`,
        batchSize: 1,
        scalingConfig: { maximumConcurrency: 2 },
      });
    }
  },

  "a slice is leased for longer than its function may take, and its message stays hidden for longer than that": ({
    test,
  }) => {
    const { inputs } = one(test, "lambda/function:Function", "JobFunction");
    const queue = one(test, "sqs/queue:Queue", "JobsQueue");
    const hiddenMs = Number(queue.inputs["visibilityTimeoutSeconds"]) * 1000;
    expect(leaseMs).toBeGreaterThan(Number(inputs["timeout"]) * 1000);
    expect(hiddenMs).toBeGreaterThan(leaseMs);
  },

  "Lambda takes a job of many slices for no loop, and other functions that send themselves messages for one": ({
    test,
    production,
  }) => {
    for (const graph of [test, production]) {
      const allowed = all(graph, "lambda/functionRecursionConfig:FunctionRecursionConfig").map(({ inputs }) => inputs);
      expect(allowed).toEqual([{ functionName: `gatepost-${graph.stage}-JobFunction`, recursiveLoop: "Allow" }]);
    }
  },

  "a job without a message is looked for every minute": ({ test }) => {
    expect(one(test, "scheduler/schedule:Schedule", "JobSweepScheduleSchedule").inputs).toMatchObject({
      scheduleExpression: "rate(1 minute)",
      state: "ENABLED",
      target: { arn: "arn:aws:lambda:eu-west-1:123456789012:function:gatepost-test-JobSweepFunction" },
    });
  },

  "a message whose slice fails is put aside when the worker ends its job": ({ test }) => {
    expect(document(one(test, "sqs/queue:Queue", "JobsQueue"), "redrivePolicy")).toEqual({
      deadLetterTargetArn: "arn:aws:sqs:eu-west-1:123456789012:gatepost-test-JobsUnhandledQueue",
      maxReceiveCount: maxReceives,
    });
  },
};
