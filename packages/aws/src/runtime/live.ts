import { ApiGatewayManagementApiClient } from "@aws-sdk/client-apigatewaymanagementapi";
import { lifetimeOf, type Ports } from "@gatepost/ingest";
import { Dynamo } from "../dynamo/dynamo.ts";
import { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { LiveConnections } from "../live/connections.ts";
import { DeliveryGaps } from "../live/delivery-gaps.ts";
import { connectSubscriber, disconnectSubscriber } from "../live/endpoint.ts";
import { LivePublisher } from "../live/publisher.ts";
import { disconnectAll } from "../live/reset.ts";
import { Sockets } from "../live/sockets.ts";
import { onMessage } from "../live/subscriber.ts";
import { type Environment, namesIn, required } from "../names.ts";
import { connect, limits as usual, within } from "./clients.ts";
import type { Wiring } from "./ingest.ts";
import { awsReads } from "./reads.ts";

/** Makes the handlers of the live feed. Call it once in a process. */
export function awsLive(
  ingest: Ports,
  env: Environment = process.env,
  wiring: Partial<Omit<Wiring, "log" | "clock" | "count">> = {},
) {
  const { names = namesIn(env), limits = usual } = wiring;
  const { clients = connect({ ...limits, index: limits.read }) } = wiring;
  const { log, clock, keys } = ingest;
  const reads = awsReads(ingest, env, { ...wiring, clients });
  const { pictures, tickets } = reads;
  const dynamo = new Dynamo(clients.dynamo, names, limits.read);
  const connections = new LiveConnections(dynamo, new MonotonicClock(clock), clock);
  const gaps = new DeliveryGaps(dynamo, { clock, lifetime: lifetimeOf(ingest.settings) });
  let made: { sockets: Sockets; push: LivePublisher } | undefined;
  const live = () => {
    if (made !== undefined) return made;
    const endpoint = required(env, "GATEPOST_LIVE_ENDPOINT");
    const client = new ApiGatewayManagementApiClient({ endpoint, maxAttempts: 3, requestHandler: within(limits.read) });
    const sockets = new Sockets(client, limits.read);
    made = { sockets, push: new LivePublisher({ connections, sockets, gaps, keys, pictures, log, clock }) };
    return made;
  };
  return {
    connect: (event: unknown) => connectSubscriber(event, { ingest, tickets, connections }),
    disconnect: (event: unknown) => disconnectSubscriber(event, { connections }),
    message: (event: unknown) =>
      onMessage(event, { connections, sockets: live().sockets, gaps, keys, reads, log, clock }),
    push: (event: unknown) => live().push.publish(event),
    reset: (event: unknown) => disconnectAll(event, { connections, sockets: live().sockets, gaps, log }),
  };
}
