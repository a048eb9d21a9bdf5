import { compile, type JsonObject, matches } from "@gatepost/event-pattern";
import { expect } from "vitest";
import { all, document, type Graph, one } from "../stages.ts";
import type { Checks } from "./check.ts";
import { routing } from "./routes.ts";

const stageOf = (graph: Graph) => one(graph, "apigatewayv2/stage:Stage", "LiveStage").inputs;

const mapping = (graph: Graph) =>
  one(graph, "lambda/eventSourceMapping:EventSourceMapping", "EventsSubscriberLivePushEventSourceMapping").inputs;

/** A record of the stream, as far as a filter looks at it. */
const record = (eventName: string, pk: string, row: JsonObject = {}): JsonObject => ({
  eventName,
  dynamodb: { Keys: { pk: { S: pk } }, ...row },
});

export const liveChecks: Checks = {
  "readers of the live feed are let in, heard and let go": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(routing(graph, "LiveApi")).toEqual({
        $connect: "functions/live-connect.handler",
        $disconnect: "functions/live-disconnect.handler",
        $default: "functions/live-message.handler",
      });
    }
  },

  "the live feed is a WebSocket API, its stage is called live": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(one(graph, "apigatewayv2/api:Api", "LiveApi").inputs["protocolType"]).toBe("WEBSOCKET");
      expect(stageOf(graph)).toMatchObject({ apiId: "LiveApi-id", name: "live", autoDeploy: true });
      const name = `gatepost-${graph.stage}-LiveApi`;
      expect(graph.outputs["live"]).toBe(`wss://${name}.execute-api.eu-west-1.amazonaws.com/live`);
    }
  },

  "the live feed is throttled": ({ test, production }) => {
    const throttle = (limit: number, burst: number) => ({ throttlingRateLimit: limit, throttlingBurstLimit: burst });
    expect(stageOf(test)["defaultRouteSettings"]).toMatchObject(throttle(50, 100));
    expect(stageOf(production)["defaultRouteSettings"]).toMatchObject(throttle(100, 200));
  },

  "no log of the live feed has the URL, which has the key": ({ test, production }) => {
    for (const graph of [test, production]) {
      const { accessLogSettings, defaultRouteSettings } = stageOf(graph);
      const { format } = accessLogSettings as { format: string };
      expect(JSON.parse(format)).toEqual({
        time: "$context.requestTime",
        requestId: "$context.requestId",
        connectionId: "$context.connectionId",
        eventType: "$context.eventType",
        routeKey: "$context.routeKey",
        status: "$context.status",
        integrationStatus: "$context.integrationStatus",
        integrationLatency: "$context.integrationLatency",
        integrationError: "$context.integrationErrorMessage",
        address: "$context.identity.sourceIp",
      });
      expect(defaultRouteSettings).toMatchObject({ loggingLevel: "OFF", dataTraceEnabled: false });
    }
  },

  "what the table's stream tells is pushed, for five minutes, and then put aside": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(all(graph, "lambda/eventSourceMapping:EventSourceMapping")).toHaveLength(4);
      const { filterCriteria: _, ...others } = mapping(graph);
      const name = (of: string) => `eu-west-1:123456789012:${of}`.replaceAll("STAGE", graph.stage);
      expect(others).toEqual({
        eventSourceArn: `arn:aws:dynamodb:${name("table/gatepost-STAGE-EventsTable/stream/1")}`,
        functionName: `arn:aws:lambda:${name("function:gatepost-STAGE-LivePushFunction")}`,
        startingPosition: "LATEST",
        batchSize: 100,
        maximumRecordAgeInSeconds: 300,
        maximumRetryAttempts: 5,
        bisectBatchOnFunctionError: true,
        destinationConfig: { onFailure: { destinationArn: `arn:aws:sqs:${name("gatepost-STAGE-LiveUntoldQueue")}` } },
      });
    }
  },

  "of the stream the push gets events and keys that were written, and nothing else": ({ test, production }) => {
    for (const graph of [test, production]) {
      const { filters } = mapping(graph)["filterCriteria"] as { filters: { pattern: string }[] };
      const patterns = filters.map(({ pattern }) => compile(JSON.parse(pattern)));
      const isHanded = (given: JsonObject) => patterns.some((pattern) => matches(pattern, given));
      const events = ["INSERT", "MODIFY"].map((name) => record(name, "evt_1"));
      const marked = ["INSERT", "MODIFY"].map((name) => record(name, "evt_1", { NewImage: { live: { N: "1" } } }));
      const read = [record("INSERT", "seen evt_1"), record("MODIFY", "notes evt_1")];
      const written = [...marked, ...read, record("INSERT", "key_1"), record("MODIFY", "key_1")];
      expect(written.map(isHanded)).toEqual(written.map(() => true));
      // While there is no listener, events are not marked.
      expect(events.map(isHanded)).toEqual([false, false]);
      const ticked = { NewImage: { tick: { S: "tic_1" } } };
      const closed = { NewImage: { closedAt: { N: "1" } } };
      expect([record("MODIFY", "roll-person 1", ticked), record("MODIFY", "rol_1", closed)].map(isHanded)).toEqual([
        true,
        true,
      ]);
      expect(["roll-person 1", "rol_1"].map((pk) => isHanded(record("INSERT", pk)))).toEqual([false, false]);
      const others = ["live abc", "ticket abc", "box gate-1", "an evt_1"].map((pk) => record("MODIFY", pk));
      // A row that DynamoDB expires was neither erased nor taken back.
      const byDynamo = { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } };
      const expired = ["evt_1", "seen evt_1"].map((pk) => ({ ...record("REMOVE", pk), ...byDynamo }));
      const removed = [record("REMOVE", "key_1"), ...expired];
      expect([...others, ...removed].map(isHanded)).toEqual(Array(7).fill(false));
      expect(["evt_1", "seen evt_1"].map((pk) => isHanded(record("REMOVE", pk)))).toEqual([true, true]);
    }
  },

  "when the stream gives up a batch, all readers are let go": ({ test, production }) => {
    for (const graph of [test, production]) {
      const stage = `gatepost-${graph.stage}`;
      expect(one(graph, "lambda/eventSourceMapping:EventSourceMapping", "LiveUntoldMapping").inputs).toEqual({
        eventSourceArn: `arn:aws:sqs:eu-west-1:123456789012:${stage}-LiveUntoldQueue`,
        functionName: `arn:aws:lambda:eu-west-1:123456789012:function:${stage}-LiveResetFunction`,
        batchSize: 1000,
        maximumBatchingWindowInSeconds: 5,
      });
    }
  },

  "a message is hidden for longer than the function may take that got it, else AWS refuses the mapping": ({ test }) => {
    const queue = one(test, "sqs/queue:Queue", "LiveUntoldQueue").inputs;
    const lambda = one(test, "lambda/function:Function", "LiveResetFunction").inputs;
    expect(queue["visibilityTimeoutSeconds"]).toBe(180);
    expect(Number(queue["visibilityTimeoutSeconds"])).toBeGreaterThanOrEqual(6 * Number(lambda["timeout"]));
  },

  "whoever sends to readers or asks after them knows where, and nobody else does": ({ test, production }) => {
    for (const graph of [test, production]) {
      const knowing = all(graph, "lambda/function:Function").flatMap(({ parent, inputs }) => {
        const { variables } = inputs["environment"] as { variables: Record<string, string> };
        return variables["GATEPOST_LIVE_ENDPOINT"] === undefined ? [] : [[parent, variables["GATEPOST_LIVE_ENDPOINT"]]];
      });
      const endpoint = `https://gatepost-${graph.stage}-LiveApi.execute-api.eu-west-1.amazonaws.com/live`;
      expect(Object.fromEntries(knowing)).toEqual({
        LiveConnect: endpoint,
        LiveMessage: endpoint,
        LivePush: endpoint,
        LiveReset: endpoint,
      });
    }
  },

  "API Gateway may write logs, and its role may nothing else": ({ test }) => {
    const role = one(test, "iam/role:Role", "APIGatewayPushToCloudWatchLogsRole");
    expect(document(role, "assumeRolePolicy")).toMatchObject({
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "apigateway.amazonaws.com" } }],
    });
    expect(role.inputs["inlinePolicies"]).toBeUndefined();
    expect(role.inputs["managedPolicyArns"]).toEqual([
      "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    ]);
  },
};
