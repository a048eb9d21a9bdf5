import type { anyRoute, routes } from "../packages/core/src/paths/paths.ts";
import { announcer, pictureWriter, quarantineWriter, reportWriter } from "./access.ts";
import { lambda, type Size } from "./lambda.ts";
import { stage } from "./stage.ts";

/// <reference path="../.sst/platform/config.d.ts" />

/** More memory gives more CPU: a box waits only 0.5 s for a real-time report, and batches of history are large. */
const sizes: Record<(typeof routes)[number]["handler"] | (typeof anyRoute)["handler"], Size> = {
  "realtime-event": { memory: "1024 MB", timeout: "10 seconds" },
  "history-event": { memory: "1024 MB", timeout: "29 seconds" },
  "async-event": { memory: "1024 MB", timeout: "29 seconds" },
  "pass-record": { memory: "1024 MB", timeout: "29 seconds" },
  "live-event": { memory: "1024 MB", timeout: "29 seconds" },
  "any-event": { memory: "1024 MB", timeout: "29 seconds" },
};

/** The logged fields of a request. Never the path, because it contains the key of the box. */
const logged = {
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
};

interface RouteSettings {
  routeKey: string;
  throttlingRateLimit: number;
  throttlingBurstLimit: number;
}

/**
 * The settings of single routes in the stage of the gateway. AWS refuses a stage that names a route that does not exist
 * yet, and SST makes the stage first, so the stage waits for this promise.
 */
export const routeSettings = Promise.withResolvers<$util.Output<RouteSettings[]>>();

export const gateway = new sst.aws.ApiGatewayV2("Gateway", {
  cors: false,
  domain: stage.domain,
  accessLog: { retention: stage.logs },
  transform: {
    stage: (args) => {
      args.defaultRouteSettings = stage.throttle;
      args.routeSettings = $output(routeSettings.promise);
      args.accessLogSettings = $output(args.accessLogSettings).apply((settings) => ({
        destinationArn: settings?.destinationArn ?? "",
        format: JSON.stringify(logged),
      }));
    },
  },
});

/**
 * Signs the links to photos in entries of the bus. Functions that deliver have it, so it signs no other links, and no
 * cursors. Its length differs from the secret of cursors, so neither works as the other.
 */
const photoSecret = new random.RandomBytes("PhotoSecret", { length: 20 });

/** The address of a gateway with a domain waits for its stage, which waits for the routes, and these for functions. */
const address = stage.domain === undefined ? gateway.url : `https://${stage.domain}`;

/** The variables of functions that announce. */
export const photoLinks = { GATEPOST_PHOTO_URL: address, GATEPOST_PHOTO_SECRET: photoSecret.base64 };

const link = [reportWriter, pictureWriter, quarantineWriter, announcer];

/** One Lambda for each file, even if two routes lead to it. */
export const receivers = new Map(
  Object.entries(sizes).map(([file, size]) => [file, lambda(file, size, link, photoLinks)] as const),
);
