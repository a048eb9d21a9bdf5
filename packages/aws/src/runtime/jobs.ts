import { SQSClient } from "@aws-sdk/client-sqs";
import type { Ports } from "@gatepost/ingest";
import type { JobPorts, JobQueue } from "@gatepost/query";
import * as z from "zod/mini";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoErasureLog } from "../erasure/suppression.ts";
import { S3Exports } from "../jobs/exports.ts";
import { SqsJobQueue } from "../jobs/queue.ts";
import { DynamoRemovals } from "../jobs/removals.ts";
import { DynamoJobStore } from "../jobs/store.ts";
import { Objects } from "../s3/objects.ts";
import { type Clients, type Limits, within } from "./clients.ts";
import { type Environment, readEnvironment, resourceName } from "./environment.ts";

const variables = z.object({
  GATEPOST_TABLE: resourceName,
  GATEPOST_BUCKET: resourceName,
  GATEPOST_JOBS_URL: z.url(),
});

/** What jobs need on AWS. */
export function awsJobs(
  { clock }: Pick<Ports, "clock">,
  env: Environment,
  { limits, clients, jobQueue }: { limits: Limits; clients: Clients; jobQueue?: JobQueue | undefined },
): JobPorts & { store: DynamoJobStore } {
  const { GATEPOST_TABLE: table, GATEPOST_BUCKET: bucket, GATEPOST_JOBS_URL: url } = readEnvironment(variables, env);
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const objects = new Objects(clients.s3, bucket, { ...limits, object: limits.read });
  return {
    store: new DynamoJobStore(dynamo, clock),
    queue: jobQueue ?? queueAt(url, limits.read),
    exports: new S3Exports(clients.s3, objects, clock),
    removals: new DynamoRemovals(dynamo, clock),
    erasures: new DynamoErasureLog(dynamo, clock),
  };
}

function queueAt(url: string, limit: number): JobQueue {
  return new SqsJobQueue(new SQSClient({ maxAttempts: 3, requestHandler: within(limit) }), url, limit);
}
