import { changing, changingAll, type Mistake, replacing } from "./mistake.ts";

const stage = ["apigatewayv2/stage:Stage", "GatewayStage"] as const;

export const routeMistakes: Mistake[] = [
  {
    mistake: "a route leads to the handler of another",
    caughtBy: "every route leads to its own handler",
    make: changingAll("apigatewayv2/integration:Integration", (inputs) => {
      inputs["integrationUri"] = String(inputs["integrationUri"]).replace("PassRecord", "LiveEvent");
    }),
  },
  {
    mistake: "a route of the table is not deployed",
    caughtBy: "the routes of boxes are those of the route table",
    make: changingAll("apigatewayv2/route:Route", (inputs) => {
      if (inputs["routeKey"] === "POST /{token}/AsyncEvent") inputs["routeKey"] = "POST /{token}/Async";
    }),
  },
  {
    mistake: "an API route under a word that a key may be",
    caughtBy: "what readers ask for begins with a word that no key is",
    make: changingAll("apigatewayv2/route:Route", (inputs) => {
      if (inputs["routeKey"] === "ANY /healthz") inputs["routeKey"] = "ANY /status";
    }),
  },
  {
    mistake: "a function is not deployed",
    caughtBy: "every file in functions/ is deployed, and nothing else",
    make: ({ test }) => void test.builds.pop(),
  },
  {
    mistake: "API Gateway may not invoke a function",
    caughtBy: "API Gateway may invoke what its routes lead to",
    make: ({ test }) => {
      test.resources = test.resources.filter(
        ({ type, inputs }) =>
          type !== "aws:lambda/permission:Permission" || !String(inputs["function"]).includes("PassRecord"),
      );
    },
  },
  {
    mistake: "events come as payload 1.0",
    caughtBy: "events come as payload 2.0",
    make: changingAll("apigatewayv2/integration:Integration", (inputs) => {
      inputs["payloadFormatVersion"] = "1.0";
    }),
  },
  {
    mistake: "no throttle",
    caughtBy: "requests are throttled",
    make: changing(...stage, (inputs) => {
      delete inputs["defaultRouteSettings"];
    }),
  },
  {
    mistake: "readers may use up what boxes have",
    caughtBy: "every route that is not of boxes has a throttle of its own, far below theirs",
    make: changing(...stage, (inputs) => {
      inputs["routeSettings"] = (inputs["routeSettings"] as object[]).slice(1);
    }),
  },
  {
    mistake: "the stage is made before its routes, as SST does it",
    caughtBy: "the stage is made after the routes that it names, else AWS refuses it",
    make: ({ test, production }) => {
      for (const graph of [test, production])
        graph.resources.sort((one, other) => Number(other.name === stage[1]) - Number(one.name === stage[1]));
    },
  },
  {
    mistake: "the path is logged",
    caughtBy: "the access log has the route and never the path",
    make: replacing(...stage, "$context.routeKey", "$context.path"),
  },
  {
    mistake: "logs are kept for ever",
    caughtBy: "logs are kept for a week, in production for a month",
    make: changing("cloudwatch/logGroup:LogGroup", "ApiLogGroup", (inputs) => {
      delete inputs["retentionInDays"];
    }),
  },
  {
    mistake: "every page may call the API",
    caughtBy: "no page elsewhere may call the API from a browser",
    make: changing("apigatewayv2/api:Api", "GatewayApi", (inputs) => {
      inputs["corsConfiguration"] = { allowOrigins: ["*"] };
    }),
  },
  {
    mistake: "the sweep runs every hour",
    caughtBy: "the sweep runs every minute, and may be invoked by its schedule alone",
    make: replacing("scheduler/schedule:Schedule", "ActionSweepScheduleSchedule", "rate(1 minute)", "rate(1 hour)"),
  },
  {
    mistake: "erasures are not finished",
    caughtBy: "erasures are finished every five minutes",
    make: replacing("scheduler/schedule:Schedule", "ErasureSweepScheduleSchedule", "ENABLED", "DISABLED"),
  },
  {
    mistake: "a role that schedules of any account may take",
    caughtBy: "only schedules of this account may take the roles that invoke the sweeps",
    make: changing("iam/role:Role", "ErasureSweepScheduleRole", (inputs) => {
      inputs["assumeRolePolicy"] = String(inputs["assumeRolePolicy"]).replace(/,"Condition":\{.*\}(?=\}\])/, "");
    }),
  },
];
