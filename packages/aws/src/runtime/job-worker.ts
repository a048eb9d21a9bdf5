import { type Ports, portsForApi } from "@gatepost/receive";
import { workOn } from "../jobs/worker.ts";
import { connect, limits as usual } from "./clients.ts";
import type { Environment } from "./environment.ts";
import { awsJobs } from "./jobs.ts";
import { awsReads, type ReadWiring } from "./reads.ts";
import { serverFacts } from "./settings.ts";

/** ms that a call of the bucket may take: a part of an upload has 8 MB. */
const objectMs = 30_000;

/**
 * Makes the handler of the messages of the queue of jobs. Call it once in a process.
 *
 * @example
 * export const handler = awsJobWorker(awsRuntime());
 */
export function awsJobWorker(ingest: Ports, env: Environment = process.env, wiring: Partial<ReadWiring> = {}) {
  const { limits = usual, sendJob } = wiring;
  const { clients = connect({ ...limits, index: limits.read, object: objectMs }) } = wiring;
  const jobs = awsJobs(ingest, env, { limits, clients, sendJob });
  const reads = awsReads(ingest, env, { limits, clients });
  const deps = {
    ...reads,
    ...portsForApi(ingest),
    server: serverFacts(ingest.settings, ""),
    jobs,
    leases: jobs.leases,
  };
  return (event: unknown): Promise<void> => workOn(event, deps);
}
