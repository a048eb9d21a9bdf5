import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { JobQueue } from "@gatepost/query";

/** The queue that feeds the worker: a message has one slice of a job done. */
export class SqsJobQueue implements JobQueue {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #limit: number;

  /** @param limit ms in which a message must be taken */
  constructor(client: SQSClient, url: string, limit: number) {
    this.#client = client;
    this.#url = url;
    this.#limit = limit;
  }

  async push(id: string): Promise<void> {
    const message = new SendMessageCommand({ QueueUrl: this.#url, MessageBody: JSON.stringify({ job: id }) });
    await this.#client.send(message, { abortSignal: AbortSignal.timeout(this.#limit) });
  }
}
