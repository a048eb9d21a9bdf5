import { expect } from "vitest";
import { document, type Graph, one } from "../stages.ts";
import type { Checks } from "./check.ts";

const parameter = (graph: Graph) => one(graph, "ssm/parameter:Parameter", "Deployed");

export const deployedChecks: Checks = {
  "a deployment notes its settings and its commit, to be compared with the next": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(parameter(graph).inputs).toMatchObject({
        name: `/gatepost/${graph.stage}/deployed`,
        type: "String",
        tier: "Intelligent-Tiering",
      });
      expect(document(parameter(graph), "value")).toMatchObject({
        commit: "synth",
        settings: { domain: "", alarms: "", kms: "false", retentionDays: graph === production ? "90" : "7" },
      });
    }
  },
};
