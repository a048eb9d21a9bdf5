import { compile, type JsonObject, matches } from "@gatepost/event-pattern";
import { expect } from "vitest";
import { isAllowed } from "../../rehearsal/permissions.ts";
import { statement } from "../../rehearsal/recorded.ts";
import { all, type Graph, one, statementsOf } from "../stages.ts";
import type { Checks } from "./check.ts";

const mapping = (graph: Graph) =>
  one(graph, "lambda/eventSourceMapping:EventSourceMapping", "EventsSubscriberTallyEventSourceMapping").inputs;

export const tallyChecks: Checks = {
  "what the table's stream tells is counted by the minute, tried for nearly a day, and then put aside": ({
    test,
    production,
  }) => {
    for (const graph of [test, production]) {
      expect(all(graph, "lambda/eventSourceMapping:EventSourceMapping")).toHaveLength(3);
      const { filterCriteria: _, ...others } = mapping(graph);
      const name = (of: string) => `eu-west-1:123456789012:${of}`.replaceAll("STAGE", graph.stage);
      expect(others).toEqual({
        eventSourceArn: `arn:aws:dynamodb:${name("table/gatepost-STAGE-EventsTable/stream/1")}`,
        functionName: `arn:aws:lambda:${name("function:gatepost-STAGE-TallyFunction")}`,
        startingPosition: "TRIM_HORIZON",
        batchSize: 1000,
        maximumBatchingWindowInSeconds: 60,
        tumblingWindowInSeconds: 900,
        maximumRecordAgeInSeconds: 82_800,
        maximumRetryAttempts: -1,
        bisectBatchOnFunctionError: true,
        destinationConfig: { onFailure: { destinationArn: `arn:aws:sqs:${name("gatepost-STAGE-UncountedQueue")}` } },
      });
    }
  },

  "of the stream the tally gets events, notices, quarantine records and the pulse, and nothing else": ({
    test,
    production,
  }) => {
    for (const graph of [test, production]) {
      const { filters } = mapping(graph)["filterCriteria"] as { filters: { pattern: string }[] };
      const patterns = filters.map(({ pattern }) => compile(JSON.parse(pattern)));
      const record = (eventName: string, pk: string): JsonObject => ({
        eventName,
        dynamodb: { Keys: { pk: { S: pk } } },
      });
      const isHanded = (given: JsonObject) => patterns.some((pattern) => matches(pattern, given));
      const events = ["INSERT", "MODIFY", "REMOVE"].map((name) => record(name, "evt_1"));
      const told = ["notice status gate-1", "qrt_1", "pulse"].map((pk) => record("MODIFY", pk));
      expect([...events, ...told].map(isHanded)).toEqual(Array(6).fill(true));
      // Else its own writes would come back to it.
      const others = ["counts gate-1 2026-11-20", "counted shard", "box gate-1", "pulse heard", "key_1"].map((pk) =>
        record("MODIFY", pk),
      );
      expect(others.map(isHanded)).toEqual(Array(5).fill(false));
    }
  },

  "the tally reads and writes counts, boxes and profiles of people, and no row of another kind": ({ test }) => {
    const statements = statementsOf(test, "TallyRole").map((one) => statement.parse(one));
    const resource = "arn:aws:dynamodb:eu-west-1:123456789012:table/gatepost-test-EventsTable";
    const may = (action: string, ...keys: string[]) =>
      isAllowed(statements, { action: `dynamodb:${action}`, resource, context: { "dynamodb:LeadingKeys": keys } });
    for (const action of ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"]) {
      expect(may(action, "counts gate-1 2026-11-20", "counted shard-1", "box gate-1"), action).toBe(true);
      for (const key of ["evt_1", "key_1"]) expect(may(action, "counts * 2026-11-20", key), key).toBe(false);
    }
    expect(may("BatchGetItem", "evt_1")).toBe(true);
    for (const action of ["PutItem", "UpdateItem", "DeleteItem"]) {
      expect(may(action, "person per_1"), action).toBe(true);
      expect(may(action, "evt_1"), action).toBe(false);
    }
    expect(may("DeleteItem", "counts gate-1 2026-11-20")).toBe(false);
  },
};
