import { type Ports, portsForApi } from "@gatepost/receive";
import { workOn } from "../jobs/worker.ts";
import { jobLimits, limits as usual } from "./clients.ts";
import { type Environment, serverFacts } from "./environment.ts";
import { awsJobMessages, awsJobs } from "./jobs.ts";
import { connectNaming } from "./missing-right.ts";
import { awsReads, type ReadWiring } from "./reads.ts";

/**
 * Makes the handler of the messages of the queue of jobs. Call it once in a process.
 *
 * @example
 * export const handler = awsJobWorker(awsRuntime());
 */
export function awsJobWorker(ingest: Ports, env: Environment = process.env, wiring: Partial<ReadWiring> = {}) {
  const { limits = jobLimits, sendJob, clients = connectNaming(limits) } = wiring;
  const jobs = awsJobs(ingest, env, { limits, clients, sendJob });
  const reads = awsReads(ingest, env, { limits, clients });
  const deps = {
    ...reads,
    ...portsForApi(ingest),
    server: serverFacts(ingest.settings),
    jobs,
    leases: jobs.leases,
  };
  return (event: unknown): Promise<void> => workOn(event, deps);
}

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
  const { limits = usual, sendJob, clients = connectNaming({ ...limits, index: limits.read }) } = wiring;
  const { queue, makeBatchJobs, removeUnreadable } = awsJobMessages({ log, clock }, env, { limits, clients, sendJob });
  return async (): Promise<void> => {
    const made = await makeBatchJobs();
    if (made > 0) log.info("jobs created for the rests of long batches", { jobs: made });
    const sentAgain = await queue.sendAgain();
    if (sentAgain > 0) log.warn("jobs without a message are asked for", { jobs: sentAgain });
    await removeUnreadable();
  };
}
