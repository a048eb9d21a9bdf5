import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { anyRoute, reservedSegments, routes } from "@gatepost/core/paths";
import { expect } from "vitest";
import { repository } from "../../../../scripts/synth/graph.ts";
import { match } from "../../rehearsal/route.ts";
import { all, document, type Graph, one, type Recorded } from "../stages.ts";
import type { Checks } from "./check.ts";

/** Route key → the source of the Lambda that an API of API Gateway would really invoke. */
function routing(graph: Graph, api: string): Record<string, string> {
  const ofApi = all(graph, "apigatewayv2/route:Route").filter(({ inputs }) => inputs["apiId"] === `${api}-id`);
  return Object.fromEntries(
    ofApi.map(({ inputs }) => {
      const integration = String(inputs["target"]).replace(/^integrations\/(.*)-id$/, "$1");
      const { integrationUri } = one(graph, "apigatewayv2/integration:Integration", integration).inputs;
      const invoked = all(graph, "lambda/function:Function").find(
        (lambda) => functionIn(integrationUri) === lambda.inputs["name"],
      );
      const built = graph.builds.find(({ component }) => component === invoked?.parent);
      return [inputs["routeKey"], built?.handler];
    }),
  );
}

/** The name of the function in the ARN that an integration invokes. */
function functionIn(uri: unknown): string | undefined {
  return /:function:([\w-]+)$/.exec(String(uri))?.[1];
}

const routed = {
  "POST /{token}/RealTimeEvent": "functions/realtime-event.handler",
  "POST /{token}/HistoryEvent": "functions/history-event.handler",
  "POST /{token}/EventServer/api/HistoryEvent": "functions/history-event.handler",
  "POST /{token}/AsyncEvent": "functions/async-event.handler",
  "POST /{token}/PassRecord": "functions/pass-record.handler",
  "POST /{token}/LiveEvent": "functions/live-event.handler",
  "GET /{token}/{proxy+}": "functions/any-event.handler",
  $default: "functions/any-event.handler",
  "GET /v1/{proxy+}": "functions/api.handler",
  "GET /SophonDevice/{proxy+}": "functions/api.handler",
  "ANY /v1/{proxy+}": "functions/api.handler",
  "ANY /SophonDevice/{proxy+}": "functions/api.handler",
  "ANY /healthz": "functions/api.handler",
  "ANY /openapi.json": "functions/api.handler",
  "ANY /docs": "functions/api.handler",
};

/** What the gateway's stage allows, by default and on single routes. */
function throttles(graph: Graph) {
  const { defaultRouteSettings, routeSettings } = one(graph, "apigatewayv2/stage:Stage", "GatewayStage").inputs;
  const own = routeSettings as { routeKey: string }[];
  return {
    default: defaultRouteSettings,
    routes: Object.fromEntries(own.map(({ routeKey, ...limits }) => [routeKey, limits])),
  };
}

export const routeChecks: Checks = {
  "every route leads to its own handler": ({ test, production }) => {
    expect(routing(test, "GatewayApi")).toEqual(routed);
    expect(routing(production, "GatewayApi")).toEqual(routed);
  },

  "the routes of boxes are those of the route table": ({ test }) => {
    const table = routes.map(({ path, handler }) => [`POST /{token}${path}`, `functions/${handler}.handler`]);
    expect(routing(test, "GatewayApi")).toMatchObject(
      Object.fromEntries([...table, ["$default", `functions/${anyRoute.handler}.handler`]]),
    );
  },

  "what readers ask for begins with a word that no key is": ({ test }) => {
    const ofReaders = Object.entries(routing(test, "GatewayApi")).filter(
      ([, handler]) => handler === "functions/api.handler",
    );
    for (const [key] of ofReaders) expect(reservedSegments).toContain(/^\w+ \/([^/]+)/.exec(key)?.[1]);
  },

  "a report by GET has a route of boxes, and what readers ask for by GET has none": ({ test }) => {
    const keys = Object.keys(routing(test, "GatewayApi")).map((key) => ({ key, lambda: key }));
    const led = (path: string) => match(keys, "GET", path)?.route.key;
    expect(["/gpi_1/Relay", "/gpi_1/north/door/card"].map(led)).toEqual(Array(2).fill("GET /{token}/{proxy+}"));
    expect(["/v1/events", "/v1/events/evt_1/pictures/face"].map(led)).toEqual(Array(2).fill("GET /v1/{proxy+}"));
    expect(led("/SophonDevice/api/Devices")).toBe("GET /SophonDevice/{proxy+}");
    expect(["/healthz", "/docs", "/openapi.json"].map(led)).toEqual(["ANY /healthz", "ANY /docs", "ANY /openapi.json"]);
    expect(["/", "/robots.txt"].map(led)).toEqual(["$default", "$default"]);
    const ofReaders = Object.entries(routed).filter(([, to]) => to === "functions/api.handler");
    // Beside `GET /{token}/{proxy+}` a greedy route of readers must not be compared by its method.
    for (const [key] of ofReaders.filter(([any]) => /^ANY .*\+}$/.test(any)))
      expect(routed).toHaveProperty([key.replace("ANY", "GET")]);
  },

  "every file in functions/ is deployed, and nothing else": ({ test }) => {
    const files = readdirSync(join(repository, "functions")).map((file) => file.replace(/\.ts$/, ".handler"));
    // Alerts and the canary are deployed if a stage asks for them, as in alerts.test.ts and chosen.test.ts.
    const chosen = ["functions/canary.handler", "functions/hours-mail.handler"];
    const deployed = [...test.builds.map(({ handler }) => handler), ...chosen];
    expect(deployed.sort()).toEqual(files.map((file) => `functions/${file}`).sort());
    for (const { handler } of test.builds) {
      expect(existsSync(join(repository, handler.replace(/\.handler$/, ".ts")))).toBe(true);
    }
  },

  "API Gateway may invoke what its routes lead to": ({ test }) => {
    const allowed = all(test, "lambda/permission:Permission").map(({ inputs }) => inputs);
    const arnOf = (uri: unknown) => /arn:aws:lambda:[\w:-]+/.exec(String(uri))?.[0];
    const invoked = all(test, "apigatewayv2/integration:Integration").map(({ inputs }) =>
      arnOf(inputs["integrationUri"]),
    );
    const sourceArn = "arn:aws:execute-api:eu-west-1:123456789012:gatepost-test-GatewayApi/*";
    const ofApi = allowed.filter((inputs) => inputs["sourceArn"] === sourceArn);
    expect(new Set(ofApi.map((inputs) => inputs["function"]))).toEqual(new Set(invoked));
    for (const inputs of allowed.filter(({ principal }) => principal !== "events.amazonaws.com")) {
      expect(inputs).toMatchObject({
        action: "lambda:InvokeFunction",
        principal: "apigateway.amazonaws.com",
        sourceArn: expect.stringMatching(/:gatepost-test-GatewayApi\/\*$/),
      });
    }
  },

  "events come as payload 2.0": ({ test }) => {
    const ofGateway = all(test, "apigatewayv2/integration:Integration").filter(
      ({ inputs }) => inputs["apiId"] === "GatewayApi-id",
    );
    expect(ofGateway).toHaveLength(Object.keys(routed).length);
    for (const { inputs } of ofGateway) {
      expect(inputs).toMatchObject({ integrationType: "AWS_PROXY", payloadFormatVersion: "2.0" });
    }
  },

  "requests are throttled": ({ test, production }) => {
    expect(throttles(test).default).toEqual({ throttlingRateLimit: 100, throttlingBurstLimit: 200 });
    expect(throttles(production).default).toEqual({ throttlingRateLimit: 2000, throttlingBurstLimit: 2000 });
  },

  "every route that is not of boxes has a throttle of its own, far below theirs": ({ test, production }) => {
    const limits = (readers: number[], others: number[]) => {
      const of = ([throttlingRateLimit, throttlingBurstLimit]: number[]) => ({
        throttlingRateLimit,
        throttlingBurstLimit,
      });
      const ofReaders = Object.entries(routed).flatMap(([key, to]) => (to === "functions/api.handler" ? [key] : []));
      return Object.fromEntries([...ofReaders.map((key) => [key, of(readers)]), ["$default", of(others)]]);
    };
    expect(throttles(test).routes).toEqual(limits([50, 100], [20, 40]));
    expect(throttles(production).routes).toEqual(limits([100, 200], [200, 200]));
    for (const graph of [test, production]) {
      const { throttlingRateLimit } = Object(throttles(graph).default);
      const own = Object.values(throttles(graph).routes);
      for (const limit of own)
        expect(Object(limit)["throttlingRateLimit"]).toBeLessThanOrEqual(throttlingRateLimit / 2);
    }
  },

  "the stage is made after the routes that it names, else AWS refuses it": ({ test, production }) => {
    for (const graph of [test, production]) {
      const at = (type: string, is: (resource: Recorded) => boolean) =>
        graph.resources.findIndex((resource) => resource.type === `aws:${type}` && is(resource));
      const stage = at("apigatewayv2/stage:Stage", ({ name }) => name === "GatewayStage");
      for (const key of Object.keys(throttles(graph).routes)) {
        const route = at(
          "apigatewayv2/route:Route",
          ({ inputs }) => inputs["apiId"] === "GatewayApi-id" && inputs["routeKey"] === key,
        );
        expect([key, route >= 0 && route < stage]).toEqual([key, true]);
      }
    }
  },

  "the access log has the route and never the path": ({ test, production }) => {
    for (const graph of [test, production]) {
      const { accessLogSettings } = one(graph, "apigatewayv2/stage:Stage", "GatewayStage").inputs;
      const { format } = accessLogSettings as { format: string };
      expect(JSON.parse(format)).toEqual({
        time: "$context.requestTime",
        requestId: "$context.requestId",
        method: "$context.httpMethod",
        routeKey: "$context.routeKey",
        status: "$context.status",
        bytesSent: "$context.responseLength",
        latency: "$context.responseLatency",
        integrationStatus: "$context.integrationStatus",
        integrationLatency: "$context.integrationLatency",
        integrationError: "$context.integrationErrorMessage",
        address: "$context.identity.sourceIp",
      });
      expect(format).not.toMatch(/path|query|authorizer|domain/i);
    }
  },

  "logs are kept for a week, in production for a month": ({ test, production }) => {
    const days = (graph: Graph) =>
      new Set(all(graph, "cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs["retentionInDays"]));
    expect(days(test)).toEqual(new Set([7]));
    expect(days(production)).toEqual(new Set([30]));
  },

  "no page elsewhere may call the API from a browser": ({ test }) => {
    expect(one(test, "apigatewayv2/api:Api", "GatewayApi").inputs["corsConfiguration"]).toEqual({});
  },

  "erasures are finished every five minutes": ({ test }) => {
    expect(one(test, "scheduler/schedule:Schedule", "ErasureSweepScheduleSchedule").inputs).toMatchObject({
      scheduleExpression: "rate(5 minutes)",
      state: "ENABLED",
      target: { arn: "arn:aws:lambda:eu-west-1:123456789012:function:gatepost-test-ErasureSweepFunction" },
    });
  },

  "only schedules of this account may take the roles that invoke the sweeps": ({ test, production }) => {
    for (const graph of [test, production]) {
      for (const name of ["ActionSweepScheduleRole", "ErasureSweepScheduleRole"]) {
        expect(document(one(graph, "iam/role:Role", name), "assumeRolePolicy")).toEqual({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: ["scheduler.amazonaws.com"] },
              Action: ["sts:AssumeRole"],
              Condition: { StringEquals: { "aws:SourceAccount": ["123456789012"] } },
            },
          ],
        });
      }
    }
  },

  "the sweep runs every minute, and may be invoked by its schedule alone": ({ test }) => {
    const { inputs } = one(test, "scheduler/schedule:Schedule", "ActionSweepScheduleSchedule");
    const sweep = "arn:aws:lambda:eu-west-1:123456789012:function:gatepost-test-ActionSweepFunction";
    expect(inputs).toMatchObject({ scheduleExpression: "rate(1 minute)", state: "ENABLED", target: { arn: sweep } });
    const [policy] = one(test, "iam/role:Role", "ActionSweepScheduleRole").inputs["inlinePolicies"] as {
      policy: string;
    }[];
    expect(JSON.parse(policy?.policy ?? "{}")).toEqual({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: [sweep] }],
    });
  },
};
