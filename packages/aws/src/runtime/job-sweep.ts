import type { Ports } from "@gatepost/receive";
import { connect, limits as usual } from "./clients.ts";
import type { Environment } from "./environment.ts";
import { awsJobMessages } from "./jobs.ts";
import type { ReadWiring } from "./reads.ts";

/**
 * Makes the scheduled handler that sends the messages of jobs that have none: a message was lost, or the rest of a long
 * batch waits. It also removes old jobs that cannot be read. Call it once in a process.
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
  const { queue, makeBatchJobs, removeUnreadable } = awsJobMessages({ log, clock }, env, { limits, clients, sendJob });
  return async (): Promise<void> => {
    const made = await makeBatchJobs();
    if (made > 0) log.info("jobs created for the rests of long batches", { jobs: made });
    const sentAgain = await queue.sendAgain();
    if (sentAgain > 0) log.warn("jobs without a message are asked for", { jobs: sentAgain });
    await removeUnreadable();
  };
}
