/// <reference path="../.sst/platform/config.d.ts" />
import { anyRoute, routes } from "../packages/core/src/paths/paths.ts";
import { announcer, pictureWriter, quarantineWriter, reportWriter } from "./access.ts";
import { lambda, type Size } from "./lambda.ts";
import { stage } from "./stage.ts";

interface Receiving extends Size {
  /** ms in which 99 of 100 invocations must end; else the alarm `boxes-slow` rings. */
  slowestMs: number;
}

/**
 * The functions of the types of event. Each also has a separate log group. More memory gives more CPU: a box waits only
 * 0.5 s for a real-time report, and batches of history are large.
 */
export const receiving: Record<(typeof routes)[number]["handler"] | (typeof anyRoute)["handler"], Receiving> = {
  "realtime-event": { memory: "1024 MB", timeout: "10 seconds", slowestMs: 400 },
  "history-event": { memory: "1024 MB", timeout: "29 seconds", slowestMs: 3000 },
  "async-event": { memory: "1024 MB", timeout: "29 seconds", slowestMs: 3000 },
  "pass-record": { memory: "1024 MB", timeout: "29 seconds", slowestMs: 3000 },
  "live-event": { memory: "1024 MB", timeout: "29 seconds", slowestMs: 3000 },
  "any-event": { memory: "1024 MB", timeout: "29 seconds", slowestMs: 3000 },
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

interface Throttle {
  throttlingRateLimit: number;
  throttlingBurstLimit: number;
}

/**
 * The settings of single routes in the stage of the gateway. AWS refuses a stage that names a route that does not exist
 * yet, and SST makes the stage first, so the stage waits for this promise.
 */
export const routeSettings = Promise.withResolvers<$util.Output<(Throttle & { routeKey: string })[]>>();

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
export const photoLinks = {
  GATEPOST_PHOTO_URL: address,
  GATEPOST_PHOTO_SECRET: photoSecret.base64,
};

const rights = [reportWriter, pictureWriter, quarantineWriter, announcer];

/** One Lambda for each file, even if two routes lead to it. */
export const receivers = new Map(
  Object.entries(receiving).map(
    ([file, { memory, timeout }]) => [file, lambda(file, { memory, timeout }, rights, photoLinks)] as const,
  ),
);

for (const { path, handler } of routes) {
  gateway.route(`POST /{token}${path}`, targetOf(handler));
}

/** Reports of devices that only call an address. The routes of readers have a method and words, which win. */
gateway.route("GET /{token}/{proxy+}", targetOf(anyRoute.handler));

/** The route of every other path, with a separate throttle. */
export const otherRoute = limited("$default", targetOf(anyRoute.handler), stage.otherThrottle);

/** Makes a route, and returns its settings once it exists. */
export function limited(routeKey: string, target: $util.Output<string>, throttle: Throttle) {
  return $output(gateway.route(routeKey, target).nodes.route).apply(({ id }) =>
    id.apply(() => ({ routeKey, ...throttle })),
  );
}

function targetOf(file: string) {
  const receiver = receivers.get(file);
  if (receiver === undefined) throw new Error(`there is no Lambda ${file}`);
  return receiver.targetArn;
}
