import { anyRoute, routes } from "../packages/core/src/paths/paths.ts";
import { api } from "./api.ts";
import { gateway, receivers, routeSettings } from "./ingest.ts";
import { stage } from "./stage.ts";

/// <reference path="../.sst/platform/config.d.ts" />

/** The paths of the API. Their first parts are reserved: no key has such a name. */
const readerRoutes = ["/v1/{proxy+}", "/SophonDevice/{proxy+}", "/healthz", "/openapi.json", "/docs"];

for (const { path, handler } of routes) {
  gateway.route(`POST /{token}${path}`, targetOf(handler));
}

// Other routes have separate throttles, so that they cannot use up the throttle of the boxes.
const others = [
  limited("$default", targetOf(anyRoute.handler), stage.otherThrottle),
  ...readerRoutes.map((path) => limited(`ANY ${path}`, api.targetArn, stage.readerThrottle)),
];

routeSettings.resolve($util.all(others));

/** Makes a route, and returns its settings once it exists. */
function limited(
  routeKey: string,
  target: $util.Output<string>,
  throttle: typeof stage.readerThrottle | typeof stage.otherThrottle,
) {
  return $output(gateway.route(routeKey, target).nodes.route).apply(({ id }) =>
    id.apply(() => ({ routeKey, ...throttle })),
  );
}

function targetOf(file: string) {
  const receiver = receivers.get(file);
  if (receiver === undefined) throw new Error(`there is no Lambda ${file}`);
  return receiver.targetArn;
}
