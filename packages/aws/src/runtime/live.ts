import { ApiGatewayManagementApiClient } from "@aws-sdk/client-apigatewaymanagementapi";
import { lifetimeOf, type Ports } from "@gatepost/ingest";
import { connect, limits as usual, within } from "./clients.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { LiveConnections } from "../live/connections.ts";
import { connectReader, forgetReader } from "../live/endpoint.ts";
import { LiveGaps } from "../live/delivery-gaps.ts";
import { LivePush } from "../live/publisher.ts";
import { hearReader } from "../live/subscriber.ts";
import { letAllGo } from "../live/reset.ts";
import { Sockets } from "../live/sockets.ts";
import { Moments } from "../dynamo/monotonic-clock.ts";
import { type Environment, namesIn, required } from "./names.ts";
import type { Wiring } from "./ingest.ts";
import { readsOnAws } from "./reads.ts";

/** The live feed's handlers. To be called once a process. */
export function liveOnAws(
  ingest: Ports,
  env: Environment = process.env,
  wiring: Partial<Omit<Wiring, "log" | "clock" | "count">> = {},
) {
  const { names = namesIn(env), limits = usual } = wiring;
  const { clients = connect({ ...limits, index: limits.read }) } = wiring;
  const { log, clock, keys } = ingest;
  const reads = readsOnAws(ingest, env, { ...wiring, clients });
  const { pictures, tickets } = reads;
  const dynamo = new Dynamo(clients.dynamo, names, limits.read);
  const connections = new LiveConnections(dynamo, new Moments(clock), clock);
  const gaps = new LiveGaps(dynamo, { clock, lifetime: lifetimeOf(ingest.settings) });
  let made: { sockets: Sockets; push: LivePush } | undefined;
  const live = () => {
    if (made !== undefined) return made;
    const endpoint = required(env, "GATEPOST_LIVE_ENDPOINT");
    const client = new ApiGatewayManagementApiClient({ endpoint, maxAttempts: 3, requestHandler: within(limits.read) });
    const sockets = new Sockets(client, limits.read);
    made = { sockets, push: new LivePush({ connections, sockets, gaps, keys, pictures, log, clock }) };
    return made;
  };
  return {
    connect: (event: unknown) => connectReader(event, { ingest, tickets, connections }),
    disconnect: (event: unknown) => forgetReader(event, { connections }),
    message: (event: unknown) =>
      hearReader(event, { connections, sockets: live().sockets, gaps, keys, reads, log, clock }),
    push: (event: unknown) => live().push.push(event),
    release: (event: unknown) => letAllGo(event, { connections, sockets: live().sockets, gaps, log }),
  };
}
