import type { Log } from "@gatepost/ingest";
import * as z from "zod/mini";
import { Dynamo } from "../dynamo/dynamo.ts";
import { lambdaLog } from "../lambda/log.ts";
import { Tally } from "../statistics/tally.ts";
import { type Clients, connect, type Limits, limits as usual } from "./clients.ts";
import { type Environment, readEnvironment, resourceName } from "./environment.ts";
import { statisticsKeptMs, statisticsVariables } from "./settings.ts";

const variables = z.object({ GATEPOST_TABLE: resourceName, ...statisticsVariables });

/** What tests replace. */
export interface TallyWiring {
  clients: Pick<Clients, "dynamo">;
  limits: Limits;
  log: Log;
  clock(): number;
}

/** Makes the handler of the table's stream that counts. Call it once in a process. */
export function awsTally(env: Environment = process.env, wiring: Partial<TallyWiring> = {}) {
  const { limits = usual, log = lambdaLog(), clock = Date.now } = wiring;
  const { clients = connect({ ...limits, index: limits.read }) } = wiring;
  const { GATEPOST_TABLE: table, ...chosen } = readEnvironment(variables, env);
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const tally = new Tally({ dynamo, log, clock, keptMs: statisticsKeptMs(chosen) });
  return (event: unknown) => tally.count(event);
}
