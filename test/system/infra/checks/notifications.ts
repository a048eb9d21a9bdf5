import { compile, type JsonObject, matches } from "@gatepost/event-pattern";
import { expect } from "vitest";
import { document, one } from "../stages.ts";
import { announced } from "./announced.ts";
import type { Checks } from "./check.ts";

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;

export const notificationChecks: Checks = {
  "browsers are notified of evacuations, boxes and recorded people who stand out": ({ test, production }) => {
    for (const graph of [test, production]) {
      const pattern = compile(
        document(one(graph, "cloudwatch/eventRule:EventRule", "NotificationsRule"), "eventPattern"),
      );
      const recorded = (type: string) => ({
        source: "gatepost",
        "detail-type": "Face Event Recorded",
        detail: { event: { person: { type } } },
      });
      expect(["blacklist", "stranger", "employee"].map((type) => matches(pattern, recorded(type)))).toEqual([
        ...[true, true, false],
      ]);
      const named = ["Evacuation Begun", "Evacuation Ended", "Event Acknowledged", "Box Silent", "Box Recovered"];
      for (const type of named) expect(matches(pattern, { source: "gatepost", "detail-type": type }), type).toBe(true);
      const others = announced().filter((entry) => !named.includes(`${entry["detail-type"]}`));
      expect(others.filter((entry) => matches(pattern, entry as JsonObject))).toEqual(
        others.filter((entry) => entry["detail-type"] === "Face Event Recorded"),
      );
    }
  },

  "a notification that failed is tried again for two hours, and then put aside": ({ test, production }) => {
    for (const graph of [test, production]) {
      const queue = (name: string) => arn("sqs", `gatepost-${graph.stage}-${name}Queue`);
      const { inputs } = one(graph, "cloudwatch/eventTarget:EventTarget", "NotificationsTarget");
      expect(inputs).toMatchObject({
        arn: queue("Notifications"),
        deadLetterConfig: { arn: queue("NotificationsUnsent") },
      });
      const held = one(graph, "sqs/queue:Queue", "NotificationsQueue");
      const { timeout } = one(graph, "lambda/function:Function", "AlertFunction").inputs;
      expect(Number(held.inputs["visibilityTimeoutSeconds"])).toBeGreaterThan(Number(timeout));
      const { deadLetterTargetArn, maxReceiveCount } = document(held, "redrivePolicy") as Record<string, unknown>;
      expect(deadLetterTargetArn).toBe(queue("NotificationsUnsent"));
      expect(Number(maxReceiveCount) * Number(held.inputs["visibilityTimeoutSeconds"])).toBe(2 * 60 * 60);
      expect(one(graph, "lambda/eventSourceMapping:EventSourceMapping", "NotificationsMapping").inputs).toEqual({
        eventSourceArn: queue("Notifications"),
        functionName: arn("lambda", `function:gatepost-${graph.stage}-AlertFunction`),
        batchSize: 1,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: 5 },
      });
    }
  },
};
