import { changing, type Mistake, replacing } from "./mistake.ts";

const stage = ["apigatewayv2/stage:Stage", "LiveStage"] as const;
const mapping = ["lambda/eventSourceMapping:EventSourceMapping", "EventsSubscriberLivePushEventSourceMapping"] as const;
const taking = ["lambda/eventSourceMapping:EventSourceMapping", "LiveUntoldMapping"] as const;
const lambda = "lambda/function:Function";
const role = "iam/role:Role";

const pushed = "what the table's stream tells is pushed, for five minutes, and then put aside";
const handed = "of the stream the push gets events and keys that were written, and nothing else";

export const liveMistakes: Mistake[] = [
  {
    mistake: "readers that go are let in",
    caughtBy: "readers of the live feed are let in, heard and let go",
    make: replacing(
      "apigatewayv2/integration:Integration",
      "LiveRouteDisconnectIntegration",
      "LiveDisconnectFunction",
      "LiveConnectFunction",
    ),
  },
  {
    mistake: "SST's own name for the stage",
    caughtBy: "the live feed is a WebSocket API, its stage is called live",
    make: replacing(...stage, '"name":"live"', '"name":"$default"'),
  },
  {
    mistake: "readers may connect as often as they like",
    caughtBy: "the live feed is throttled",
    make: changing(...stage, (inputs) => {
      delete inputs["defaultRouteSettings"];
    }),
  },
  {
    mistake: "the query of a reader is logged",
    caughtBy: "no log of the live feed has the URL, which has the key",
    make: replacing(...stage, "$context.routeKey", "$context.routeKey $input.params()"),
  },
  {
    mistake: "API Gateway logs whole requests",
    caughtBy: "no log of the live feed has the URL, which has the key",
    make: replacing(...stage, '"dataTraceEnabled":false', '"dataTraceEnabled":true'),
  },
  {
    mistake: "one record holds up the stream for a day",
    caughtBy: pushed,
    make: changing(...mapping, (inputs) => {
      delete inputs["maximumRecordAgeInSeconds"];
    }),
  },
  {
    mistake: "a batch is tried for ever",
    caughtBy: pushed,
    make: replacing(...mapping, '"maximumRetryAttempts":5', '"maximumRetryAttempts":-1'),
  },
  {
    mistake: "one bad record takes its batch along",
    caughtBy: pushed,
    make: replacing(...mapping, '"bisectBatchOnFunctionError":true', '"bisectBatchOnFunctionError":false'),
  },
  {
    mistake: "what readers could not be told of is lost",
    caughtBy: pushed,
    make: changing(...mapping, (inputs) => {
      delete inputs["destinationConfig"];
    }),
  },
  {
    mistake: "what the stream gave up is waited for in the queue of an action",
    caughtBy: "when the stream gives up a batch, all readers are let go",
    make: replacing(...taking, "LiveUntoldQueue", "UpdatePhotoUnhandledQueue"),
  },
  {
    mistake: "the push itself gets what it gave up",
    caughtBy: "when the stream gives up a batch, all readers are let go",
    make: replacing(...taking, "LiveResetFunction", "LivePushFunction"),
  },
  {
    mistake: "SST's own time for a queue, in which its function is not done",
    caughtBy: "a message is hidden for longer than the function may take that got it, else AWS refuses the mapping",
    make: replacing(
      "sqs/queue:Queue",
      "LiveUntoldQueue",
      '"visibilityTimeoutSeconds":180',
      '"visibilityTimeoutSeconds":30',
    ),
  },
  {
    mistake: "who lets readers go may send to them",
    caughtBy: "each function may do just this",
    make: replacing(role, "LiveResetRole", "/live/DELETE/@connections/*", "/live/*/@connections/*"),
  },
  {
    mistake: "nobody is told that a key is revoked",
    caughtBy: handed,
    make: replacing(...mapping, "key_", "keys_"),
  },
  {
    mistake: "what expires is pushed",
    caughtBy: handed,
    make: replacing(...mapping, '[\\"INSERT\\",\\"MODIFY\\"]', '[\\"INSERT\\",\\"MODIFY\\",\\"REMOVE\\"]'),
  },
  {
    mistake: "messages are posted to another stage",
    caughtBy: "whoever sends to readers or asks after them knows where, and nobody else does",
    make: replacing(lambda, "LivePushFunction", "amazonaws.com/live", "amazonaws.com/$default"),
  },
  {
    mistake: "the push may send to every API",
    caughtBy: "each function may do just this",
    make: replacing(role, "LivePushRole", "/live/POST/@connections/*", "/*/POST/@connections/*"),
  },
  {
    mistake: "the push may not put aside what it fails at",
    caughtBy: "each function may do just this",
    make: replacing(role, "LivePushRole", "LiveUntoldQueue", "UpdatePhotoQueue"),
  },
  {
    mistake: "API Gateway's role may do anything with logs",
    caughtBy: "API Gateway may write logs, and its role may nothing else",
    make: replacing(
      role,
      "APIGatewayPushToCloudWatchLogsRole",
      "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
      "CloudWatchLogsFullAccess",
    ),
  },
];
