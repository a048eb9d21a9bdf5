import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";

/** ms until a failed message is handed over again; a real queue would take its visibility timeout. */
const again = 1000;

/** ms for which messages are collected; a real queue would take its batching window. */
const window = 100;

interface Message {
  id: string;
  body: string;
  sentAt: number;
  receives: number;
}

export interface Consumer {
  arn: string;
  /** Messages in a batch. */
  batchSize: number;
  /** Whether the function says which messages of a batch failed. */
  isPartial: boolean;
  invoke(event: unknown): Promise<unknown>;
}

/** A queue that feeds a function, which gets each batch until it takes it. */
export class Queue {
  readonly #consumer: Consumer;
  readonly #messages: Message[] = [];
  #isOver = false;
  #running = Promise.resolve();

  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  /** Messages that are still in it. */
  get size(): number {
    return this.#messages.length;
  }

  send(body: string): void {
    this.#messages.push({ id: randomUUID(), body, sentAt: Date.now(), receives: 0 });
    this.#running = this.#running.then(() => this.#feed());
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #feed(): Promise<void> {
    await pause(window);
    while (this.#messages.length > 0 && !this.#isOver) {
      const batch = this.#messages.slice(0, this.#consumer.batchSize);
      for (const message of batch) message.receives += 1;
      const failed = await this.#consumer.invoke(eventOf(batch, this.#consumer.arn)).then(
        (answer) => (this.#consumer.isPartial ? failedIn(answer) : new Set<string>()),
        () => new Set(batch.map(({ id }) => id)),
      );
      this.#messages.splice(0, batch.length, ...batch.filter(({ id }) => failed.has(id)));
      if (failed.size > 0) await pause(again);
    }
  }
}

const partial = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

function failedIn(answer: unknown): Set<string> {
  return new Set(partial.parse(answer).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}

function eventOf(messages: readonly Message[], arn: string) {
  return {
    Records: messages.map(({ id, body, sentAt, receives }) => ({
      messageId: id,
      receiptHandle: id,
      body,
      attributes: {
        ApproximateReceiveCount: `${receives}`,
        SentTimestamp: `${sentAt}`,
        SenderId: "rehearsal",
        ApproximateFirstReceiveTimestamp: `${sentAt}`,
      },
      messageAttributes: {},
      eventSource: "aws:sqs",
      eventSourceARN: arn,
      awsRegion: "eu-west-1",
    })),
  };
}
