import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { batchJob, type JobStore } from "@gatepost/api";
import type { JobLeases, JobQueue } from "@gatepost/core/jobs";
import { secondMs } from "@gatepost/protocol";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { allWaiting } from "../quarantine/batches.ts";
import { sha256Of } from "../s3/objects.ts";

/** Puts a text into the queue that feeds the worker, which gets it after some ms, at most 15 minutes. */
export type SendMessage = (body: string, delayMs?: number) => Promise<void>;

/** SQS keeps no message back for longer. */
const maxDelaySeconds = 900;

/** @param limit ms within which the queue must accept a message */
export function sendingTo(client: SQSClient, url: string, limit: number): SendMessage {
  return async (body, delayMs = 0) => {
    const delay = Math.min(Math.ceil(delayMs / secondMs), maxDelaySeconds);
    const message = new SendMessageCommand({ QueueUrl: url, MessageBody: body, DelaySeconds: delay });
    await client.send(message, { abortSignal: AbortSignal.timeout(limit) });
  };
}

/** Has slices of jobs done, one for each message. */
export class JobMessages implements JobQueue {
  readonly #send: SendMessage;
  readonly #leases: JobLeases;

  constructor(send: SendMessage, leases: JobLeases) {
    this.#send = send;
    this.#leases = leases;
  }

  async push(id: string, delayMs?: number): Promise<void> {
    await this.#send(JSON.stringify(await this.#leases.issue(id)), delayMs);
  }

  /** No message asks for a job that a request does: the sweep sends one once the request must have ended. */
  alone(_id: string, slice: () => Promise<boolean>): Promise<boolean> {
    return slice();
  }

  /**
   * Sends messages for jobs without a worker: a message may be lost before it was sent, or put aside because the
   * function did not begin. Returns how many there were.
   */
  async sendAgain(): Promise<number> {
    const forgotten = await this.#leases.forgotten();
    for (const ticket of forgotten) await this.#send(JSON.stringify(ticket));
    return forgotten.length;
  }
}

interface Deps {
  dynamo: Dynamo;
  jobs: Pick<JobStore, "createOnce">;
  clock(): number;
}

/**
 * Makes a job for each long batch that waits and has none. The row of the job is as if its message was lost, so the
 * same sweep sends one. Returns how many jobs were made.
 */
export async function makeBatchJobs({ dynamo, jobs, clock }: Deps): Promise<number> {
  let made = 0;
  for await (const { record, at } of allWaiting(dynamo)) {
    // A batch that waits again after its job has failed has another place in the list.
    const job = batchJob(sha256Of(`${record} ${at}`).slice(0, 24), { record }, clock());
    made += Number(await jobs.createOnce(job, 0));
  }
  return made;
}
