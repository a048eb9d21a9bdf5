import type { JobPorts, JobQuestion } from "@gatepost/api";
import { openJobs } from "@gatepost/api/records";
import { JobLeases, type Jobs } from "@gatepost/core/jobs";
import type { Removals } from "@gatepost/core/removals";
import type { Ports } from "@gatepost/receive";
import * as z from "zod/mini";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems } from "../dynamo/items.ts";
import { DynamoErasureLog } from "../erasure/suppression.ts";
import { S3Exports } from "../jobs/exports.ts";
import { JobMessages, makeBatchJobs, type SendMessage } from "../jobs/queue.ts";
import { Objects } from "../s3/objects.ts";
import type { Clients, Limits } from "./clients.ts";
import { type Environment, readEnvironment, resourceName, yes } from "./environment.ts";
import { queueAt } from "./queues.ts";

const queueVariables = z.object({ GATEPOST_TABLE: resourceName, GATEPOST_JOBS_URL: z.url() });

const variables = z.object({ GATEPOST_TABLE: resourceName, GATEPOST_BUCKET: resourceName, GATEPOST_VERSIONS: yes });

interface Wired {
  limits: Limits;
  clients: Clients;
  sendJob?: SendMessage | undefined;
}

interface JobMessaging {
  queue: JobMessages;
  leases: JobLeases;
  /** Makes jobs for the long batches that wait. Returns how many there were. */
  makeBatchJobs(): Promise<number>;
  /**
   * Removes jobs that cannot be read after their time. Exports stay listed, because the bucket removes their results
   * later than their links end.
   */
  removeUnreadable(): Promise<void>;
}

/** The ports that jobs need on AWS. */
export function awsJobs(
  { log, clock }: Pick<Ports, "log" | "clock">,
  env: Environment,
  wired: Wired,
): JobPorts & JobMessaging {
  const { limits, clients } = wired;
  const {
    GATEPOST_TABLE: table,
    GATEPOST_BUCKET: bucket,
    GATEPOST_VERSIONS: hasVersions,
  } = readEnvironment(variables, env);
  const stored = storedJobs({ log, clock }, table, wired);
  const objects = new Objects(clients.s3, bucket, { ...limits, object: limits.read });
  return {
    store: stored.store,
    removals: stored.removals,
    ...messagesOf(stored, readEnvironment(queueVariables, env).GATEPOST_JOBS_URL, wired),
    exports: new S3Exports(clients.s3, objects, clock),
    erasures: new DynamoErasureLog({ dynamo: stored.dynamo, clock, hasVersions }),
  };
}

/** The queue by which jobs are done. */
export function awsJobMessages(
  { log, clock }: Pick<Ports, "log" | "clock">,
  env: Environment,
  wired: Wired,
): JobMessaging {
  const { GATEPOST_TABLE: table, GATEPOST_JOBS_URL: url } = readEnvironment(queueVariables, env);
  return messagesOf(storedJobs({ log, clock }, table, wired), url, wired);
}

/** The jobs in the table. What reads their rows is made once, so that a broken one is logged once. */
interface StoredJobs {
  dynamo: Dynamo;
  items: DynamoItems;
  store: Jobs<JobQuestion>;
  removals: Removals;
  clock(): number;
}

function storedJobs(
  { log, clock }: Pick<Ports, "log" | "clock">,
  table: string,
  { limits, clients }: Wired,
): StoredJobs {
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const items = new DynamoItems(dynamo, clock);
  return { dynamo, items, ...openJobs({ items, log, clock }), clock };
}

function messagesOf(
  { dynamo, items, store: jobs, clock }: StoredJobs,
  url: string,
  { limits, sendJob }: Wired,
): JobMessaging {
  const leases = new JobLeases({ items, jobs, clock });
  const queue = new JobMessages(sendJob ?? queueAt(url, limits.read), leases);
  return {
    queue,
    leases,
    makeBatchJobs: () => makeBatchJobs({ dynamo, jobs, clock }),
    removeUnreadable: () => jobs.removeUnreadable(),
  };
}
