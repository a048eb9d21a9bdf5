import { expect } from "vitest";
import { all, type Graph, one, statementsOf } from "../stages.ts";
import type { Checks } from "./check.ts";
import {
  noKeys,
  noOrders,
  ofActionSweep,
  ofAlert,
  ofBoxSweep,
  ofCheckHeard,
  ofErasureSweep,
  ofJob,
  ofJobSweep,
  ofReceivers,
  ofTally,
  ofTheApi,
} from "./statements.ts";

const receivers = ["RealtimeEvent", "HistoryEvent", "AsyncEvent", "PassRecord", "LiveEvent", "AnyEvent"];

const granted: Record<string, unknown[]> = {
  ...Object.fromEntries(receivers.map((name) => [name, ofReceivers])),
  ActionSweep: ofActionSweep,
  Alert: ofAlert,
  BoxSweep: ofBoxSweep,
  ErasureSweep: ofErasureSweep,
  Api: ofTheApi,
  CheckHeard: ofCheckHeard,
  Job: ofJob,
  JobSweep: ofJobSweep,
  Tally: ofTally,
};

/** The functions that put entries about events on the bus. */
const announcing = [
  ...["RealtimeEvent", "HistoryEvent", "AsyncEvent", "PassRecord", "LiveEvent", "AnyEvent"],
  ...["Job", "ActionSweep"],
];

export const functionChecks: Checks = {
  "each function may do just this": ({ test }) => {
    const lambdas = all(test, "lambda/function:Function").map(({ parent }) => parent);
    expect(lambdas.sort()).toEqual(Object.keys(granted).sort());
    for (const [name, statements] of Object.entries(granted)) {
      const denied = name === "Api" ? [] : name === "Job" ? [noKeys] : [noKeys, noOrders];
      expect(statementsOf(test, `${name}Role`), name).toEqual([...denied, ...statements]);
    }
  },

  "each function has a role of its own, which Lambda alone may take": ({ test }) => {
    for (const { parent, inputs } of all(test, "lambda/function:Function")) {
      expect(inputs["role"]).toBe(`arn:aws:iam::123456789012:role/gatepost-test-${parent}Role`);
      const role = one(test, "iam/role:Role", `${parent}Role`).inputs;
      expect(role["assumeRolePolicy"]).toMatchObject({
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
      });
      expect(role["managedPolicyArns"]).toEqual(["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]);
    }
  },

  "of Lambda's own lines only warnings are logged, and every line of ours": ({ test }) => {
    for (const { inputs } of all(test, "lambda/function:Function")) {
      expect(inputs["loggingConfig"]).toMatchObject({ logFormat: "JSON", systemLogLevel: "WARN" });
      expect(inputs["loggingConfig"]).not.toHaveProperty("applicationLogLevel");
    }
  },

  "nobody may do everything, or anything to everything": ({ test, production }) => {
    for (const graph of [test, production]) {
      for (const role of all(graph, "iam/role:Role")) {
        for (const statement of statementsOf(graph, role.name) as { Action: string[]; Resource: string[] }[]) {
          expect(statement.Resource, role.name).not.toContain("*");
          for (const action of statement.Action) expect(action, role.name).toMatch(/^[a-z0-9-]+:\w+$/);
        }
      }
    }
  },

  "functions run on Node 24, on arm64": ({ test, production }) => {
    for (const { inputs } of [
      ...all(test, "lambda/function:Function"),
      ...all(production, "lambda/function:Function"),
    ]) {
      expect(inputs).toMatchObject({ runtime: "nodejs24.x", architectures: ["arm64"], packageType: "Zip" });
    }
  },

  "memory and time of each function": ({ test, production }) => {
    const sizes = (graph: Graph) =>
      Object.fromEntries(
        all(graph, "lambda/function:Function").map(({ parent, inputs }) => [
          parent,
          [inputs["memorySize"], inputs["timeout"]],
        ]),
      );
    const expected = {
      RealtimeEvent: [1024, 10],
      HistoryEvent: [1024, 29],
      AsyncEvent: [1024, 29],
      PassRecord: [1024, 29],
      LiveEvent: [1024, 29],
      AnyEvent: [1024, 29],
      ActionSweep: [512, 50],
      Alert: [512, 20],
      BoxSweep: [512, 50],
      ErasureSweep: [512, 290],
      Api: [1024, 29],
      CheckHeard: [512, 10],
      Job: [1024, 300],
      JobSweep: [512, 50],
      Tally: [512, 60],
    };
    expect(sizes(test)).toEqual(expected);
    expect(sizes(production)).toEqual(expected);
  },

  "functions know where to write, and what the deployment chose": ({ test }) => {
    for (const { parent, inputs } of all(test, "lambda/function:Function")) {
      const { variables } = inputs["environment"] as { variables: Record<string, string> };
      const own = Object.entries(variables).filter(([name]) => name.startsWith("GATEPOST_"));
      expect(Object.fromEntries(own)).toEqual({
        GATEPOST_TABLE: "gatepost-test-EventsTable",
        GATEPOST_BUCKET: "gatepost-test-storebucket",
        GATEPOST_BUS: "gatepost-test-BusBus",
        GATEPOST_RETENTION_DAYS: "7",
        GATEPOST_STATISTICS_DAYS: "400",
        GATEPOST_KEEP_FEATURES: "0",
        GATEPOST_ANNOUNCE_EVENTS: "0",
        ...(["Alert", "Api"].includes(String(parent)) && {
          GATEPOST_CURSOR_SECRET: Buffer.alloc(32, 7).toString("base64"),
        }),
        ...(parent === "Api" && {
          GATEPOST_FACTOR_KEY: Buffer.alloc(32, 7).toString("base64"),
          GATEPOST_EDGE_SECRET: Buffer.alloc(24, 7).toString("base64"),
        }),
        ...([...announcing, "Api"].includes(String(parent)) && {
          GATEPOST_PHOTO_URL: test.outputs["url"],
          GATEPOST_PHOTO_SECRET: Buffer.alloc(20, 7).toString("base64"),
        }),
        ...(parent === "Alert" && {
          GATEPOST_ALERTS: "[]",
          GATEPOST_ALERT_SECRETS: "{}",
          GATEPOST_ALERT_ZONE: "UTC",
          GATEPOST_PUBLIC_URL: test.outputs["console"],
        }),
        ...(parent === "Tally" && {
          GATEPOST_NOTIFICATIONS_URL:
            "https://sqs.eu-west-1.amazonaws.com/123456789012/gatepost-test-NotificationsQueue",
        }),
        ...(["Api", "Job", "JobSweep"].includes(String(parent)) && {
          GATEPOST_JOBS_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/gatepost-test-JobsQueue",
        }),
      });
    }
  },

  "what is deployed is tagged": ({ test, production }) => {
    const tags = (stage: string) => ({ aws: { defaultTags: { tags: { application: "gatepost", stage } } } });
    expect(test.app["providers"]).toMatchObject(tags("test"));
    expect(production.app["providers"]).toMatchObject(tags("production"));
  },

  "nothing is reserved, traced or paid for by a key unless somebody asks": ({ test, production }) => {
    for (const graph of [test, production]) {
      for (const { inputs } of all(graph, "lambda/function:Function")) {
        expect(inputs["reservedConcurrentExecutions"]).toBeUndefined();
        expect(inputs["tracingConfig"]).toBeUndefined();
      }
      expect(all(graph, "kms/key:Key")).toEqual([]);
      expect(all(graph, "budgets/budget:Budget")).toEqual([]);
    }
  },

  "nothing is kept warm unless a stage says so": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(all(graph, "lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig")).toEqual([]);
    }
  },
};
