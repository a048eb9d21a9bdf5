/// <reference path="../.sst/platform/config.d.ts" />
import { keeping } from "./bus.ts";
import { stage } from "./stage.ts";

/** Neither query nor headers are logged: they have the key of the client. */
const logged = {
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
};

/** Where clients of the live feed connect, under an address that AWS makes up. */
export const sockets = new sst.aws.ApiGatewayWebSocket("Live", {
  accessLog: { retention: stage.logs },
  transform: {
    stage: (args) => {
      args.name = "live";
      // API Gateway's own log of what it does would have the query.
      args.defaultRouteSettings = { ...stage.readerThrottle, loggingLevel: "OFF", dataTraceEnabled: false };
      args.accessLogSettings = $output(args.accessLogSettings).apply((settings) => ({
        destinationArn: settings?.destinationArn ?? "",
        format: JSON.stringify(logged),
      }));
    },
  },
});

/**
 * The queue of batches that were not sent: it has their position in the stream of the table. Each is tried again every
 * three minutes.
 */
export const untold = keeping("LiveUntold", { visibilityTimeout: "3 minutes" });
