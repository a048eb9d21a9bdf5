import type { Ports } from "@gatepost/receive";
import { DynamoActionOutbox } from "../actions/outbox.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { FeedWrites } from "../events/feed-writes.ts";
import { DynamoEventOutbox } from "../events/outbox.ts";
import { limits as usual } from "./clients.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { awsReceiver, ingestVariables, type Wiring } from "./ingest.ts";
import { connectNaming } from "./missing-right.ts";
import { serviceClock } from "./service-clock.ts";

/**
 * Makes all ports of ingest on AWS, for the resources that the environment names. Call it once in a process. Functions
 * that take reports use `awsReceiver`: the rest would only make them larger.
 *
 * @example
 * const relayed = await relayOutbox(awsRuntime());
 */
export function awsRuntime(env: Environment = process.env, wiring: Partial<Wiring> = {}): Ports {
  const { limits = usual, clients = connectNaming(limits), clock = serviceClock(clients) } = wiring;
  const { GATEPOST_TABLE: tableName } = readEnvironment(ingestVariables, env);
  const dynamo = new Dynamo(clients.dynamo, tableName, limits.index);
  const feed = new FeedWrites(dynamo, new MonotonicClock(clock));
  const receiver = awsReceiver(env, { ...wiring, clients, clock, feed });
  const deps = { dynamo, feed, log: receiver.log, clock };
  return {
    ...receiver,
    actions: new DynamoActionOutbox(deps),
    eventOutbox: new DynamoEventOutbox(deps),
  };
}
