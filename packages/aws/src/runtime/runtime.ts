import type { Ports } from "@gatepost/receive";
import * as z from "zod/mini";
import { DynamoActionOutbox } from "../actions/outbox.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { DynamoEventOutbox } from "../events/outbox.ts";
import { connect, limits as usual } from "./clients.ts";
import { type Environment, readEnvironment, resourceName } from "./environment.ts";
import { awsReceiver, type Wiring } from "./ingest.ts";
import { serviceClock } from "./service-clock.ts";

const variables = z.object({ GATEPOST_TABLE: resourceName });

/**
 * Makes all ports of ingest on AWS, for the resources that the environment names. Call it once in a process. Functions
 * that take reports have those of `awsReceiver`: the rest would only make them larger.
 *
 * @example
 * const relayed = await relayOutbox(awsRuntime());
 */
export function awsRuntime(env: Environment = process.env, wiring: Partial<Wiring> = {}): Ports {
  const { limits = usual, clients = connect(limits), clock = serviceClock(clients) } = wiring;
  const monotonicClock = new MonotonicClock(clock);
  const ports = awsReceiver(env, { ...wiring, clients, clock, monotonicClock });
  const dynamo = new Dynamo(clients.dynamo, readEnvironment(variables, env).GATEPOST_TABLE, limits.index);
  const deps = { dynamo, monotonicClock, log: ports.log, clock };
  return { ...ports, actions: new DynamoActionOutbox(deps), eventOutbox: new DynamoEventOutbox(deps) };
}
