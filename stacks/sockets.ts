/// <reference path="../.sst/platform/config.d.ts" />
import { keeping } from "./bus.ts";
import { stage } from "./stage.ts";

/** The logged fields of a connection. Neither query nor headers, because they contain the key of the client. */
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

/** The WebSocket API to which clients of the live feed connect, at an address that AWS chooses. */
export const sockets = new sst.aws.ApiGatewayWebSocket("Live", {
  accessLog: { retention: stage.logs },
  transform: {
    stage: (args) => {
      args.name = "live";
      // The execution log of API Gateway would contain the query.
      args.defaultRouteSettings = { ...stage.readerThrottle, loggingLevel: "OFF", dataTraceEnabled: false };
      args.accessLogSettings = $output(args.accessLogSettings).apply((settings) => ({
        destinationArn: settings?.destinationArn ?? "",
        format: JSON.stringify(logged),
      }));
    },
  },
});

/**
 * The queue of batches that could not be sent. A message has the position in the stream of the table, and is tried
 * every three minutes.
 */
export const untold = keeping("LiveUntold", { visibilityTimeout: "3 minutes" });
