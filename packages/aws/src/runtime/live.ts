import { ApiGatewayManagementApiClient } from "@aws-sdk/client-apigatewaymanagementapi";
import { openAccounts } from "@gatepost/core/accounts";
import { boxesOfSite } from "@gatepost/core/boxes";
import { LiveCursors, PassingRate } from "@gatepost/core/live";
import { lifetimeOf } from "@gatepost/core/retention";
import { Tickets } from "@gatepost/core/tickets";
import type { Ports } from "@gatepost/receive";
import * as z from "zod/mini";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems, DynamoRows } from "../dynamo/items.ts";
import { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { LiveConnections } from "../live/connections.ts";
import { LiveCountsPublisher } from "../live/counts.ts";
import { DeliveryGaps } from "../live/delivery-gaps.ts";
import { connectSubscriber, disconnectSubscriber } from "../live/endpoint.ts";
import { LivePublisher } from "../live/publisher.ts";
import { RecentViewers } from "../live/recent-viewers.ts";
import { disconnectAll } from "../live/reset.ts";
import { askWhichEnded, Sockets } from "../live/sockets.ts";
import { onMessage } from "../live/subscriber.ts";
import { connect, unlogged, limits as usual, within } from "./clients.ts";
import { type Environment, readEnvironment, resourceName } from "./environment.ts";
import { awsReads, cursorSecret, type ReadWiring } from "./reads.ts";

const tableVariable = z.object({ GATEPOST_TABLE: resourceName });
const variables = z.object({ ...tableVariable.shape, GATEPOST_LIVE_ENDPOINT: z.url() });
const sendingVariables = z.object({ ...variables.shape, GATEPOST_CURSOR_SECRET: cursorSecret });

/** Makes the handler that lets clients into the live feed. Call it once in a process. */
export function awsLiveConnect(
  ingest: Ports,
  env: Environment = process.env,
  { limits = usual, clients = connect({ ...limits, index: limits.read }) }: Partial<ReadWiring> = {},
) {
  const { GATEPOST_TABLE: table, GATEPOST_LIVE_ENDPOINT: endpoint } = readEnvironment(variables, env);
  const { clock, log } = ingest;
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const connections = new LiveConnections(dynamo, new MonotonicClock(clock), clock);
  const tickets = new Tickets(new DynamoRows(dynamo, clock), clock);
  const endedOf = askWhichEnded({ sockets: socketsAt(endpoint, limits.index), log, clock });
  const viewers = viewersOf(new DynamoItems(dynamo, clock), ingest);
  return (event: unknown) => connectSubscriber(event, { ingest, tickets, viewers, connections, endedOf });
}

/** Makes the handler that notes which clients have left the live feed. Call it once in a process. */
export function awsLiveDisconnect(
  { clock }: Pick<Ports, "clock">,
  env: Environment = process.env,
  { limits = usual, clients = connect({ ...limits, index: limits.read }) }: Partial<ReadWiring> = {},
) {
  const { GATEPOST_TABLE: table } = readEnvironment(tableVariable, env);
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const connections = new LiveConnections(dynamo, new MonotonicClock(clock), clock);
  return (event: unknown) => disconnectSubscriber(event, { connections });
}

/** Makes the handlers that send to clients of the live feed. Call it once in a process. */
export function awsLive(ingest: Ports, env: Environment = process.env, wiring: Partial<ReadWiring> = {}) {
  const { limits = usual } = wiring;
  const { clients = connect({ ...limits, index: limits.read }) } = wiring;
  const variables = readEnvironment(sendingVariables, env);
  const { GATEPOST_TABLE: table, GATEPOST_LIVE_ENDPOINT: endpoint, GATEPOST_CURSOR_SECRET: secret } = variables;
  const { log, clock, settings } = ingest;
  const cursors = new LiveCursors(secret);
  const reads = awsReads(ingest, env, { limits, clients });
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const connections = new LiveConnections(dynamo, new MonotonicClock(clock), clock);
  const gaps = new DeliveryGaps(dynamo, { clock, lifetime: lifetimeOf(settings) });
  const sockets = socketsAt(endpoint, limits.read);
  const rate = new PassingRate(clock);
  const viewers = viewersOf(new DynamoItems(dynamo, clock), ingest);
  const counts = new LiveCountsPublisher({ dynamo, sockets, counts: reads.counts, viewers, rate, log, clock });
  const { pictures, boxes } = reads;
  const publisher = new LivePublisher({
    ...{ connections, sockets, gaps, cursors, viewers, pictures, boxes, counts, log, clock },
  });
  return {
    message: (event: unknown) =>
      onMessage(event, { connections, sockets, gaps, cursors, viewers, reads, counts, log, clock }),
    push: (event: unknown) => publisher.publish(event),
    reset: (event: unknown) => disconnectAll(event, { connections, sockets, gaps, log }),
  };
}

function viewersOf(items: DynamoItems, { keys, log, clock }: Ports): RecentViewers {
  const sites = { boxesOf: (site: string) => boxesOfSite(site, items) };
  return new RecentViewers({ keys, sessions: openAccounts({ items, keys, sites, log, clock }).sessions, clock });
}

/** @param limit ms within which a call must end */
function socketsAt(endpoint: string, limit: number): Sockets {
  const client = new ApiGatewayManagementApiClient({ endpoint, maxAttempts: 3, requestHandler: within(limit) });
  return new Sockets(unlogged(client), limit);
}
