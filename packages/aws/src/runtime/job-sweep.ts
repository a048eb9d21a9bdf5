import type { Ports } from "@gatepost/ingest";
import { connect, limits as usual } from "./clients.ts";
import type { Environment } from "./environment.ts";
import { awsJobMessages } from "./jobs.ts";
import type { ReadWiring } from "./reads.ts";

/**
 * Makes the scheduled handler that sends lost messages of jobs again. Call it once in a process.
 *
 * @example
 * export const handler = awsJobSweep(awsRuntime());
 */
export function awsJobSweep(
  { clock, log }: Pick<Ports, "clock" | "log">,
  env: Environment = process.env,
  wiring: Partial<ReadWiring> = {},
) {
  const { limits = usual, sendJob, clients = connect({ ...limits, index: limits.read }) } = wiring;
  const { queue } = awsJobMessages({ log, clock }, env, { limits, clients, sendJob });
  return async (): Promise<void> => {
    const sentAgain = await queue.sendAgain();
    if (sentAgain > 0) log.warn("jobs are asked for again: their messages were lost", { jobs: sentAgain });
  };
}
