import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Compiled, compile, type JsonObject, matches } from "@gatepost/event-pattern";
import * as z from "zod";
import type { Batch, StreamRecord } from "../../standins/stream.ts";

/** How a stream feeds a function, as it was recorded. */
export interface Mapped {
  eventSourceArn: string;
  functionName: string;
  batchSize: number;
  maximumRecordAgeInSeconds: number;
  maximumRetryAttempts: number;
  bisectBatchOnFunctionError: boolean;
  tumblingWindowInSeconds?: number;
  filterCriteria: { filters: { pattern: unknown }[] };
}

/** The event that a function receives from a stream. With a window, it also contains the shard. */
interface StreamEvent {
  Records: object[];
  shardId?: string;
  state?: object;
  window?: { start: string; end: string };
}

interface Ports {
  invoke(event: StreamEvent): Promise<unknown>;
  /** Receives the message about a batch that was given up. */
  putAside(body: string): void;
}

/** ms before a batch is tried again; twice as long each time, up to a time. */
const firstPause = 50;
const maxPause = 5000;

/** A function that has a window must give back its state, else Lambda takes it for failed. */
const windowAnswer = z.object({ state: z.record(z.string(), z.unknown()) });

/** Feeds a function from a stream as Lambda does: it filters, tries again, halves, and puts aside what it gives up. */
export class StreamMapping {
  readonly #mapped: Mapped;
  readonly #patterns: Compiled[];
  readonly #deps: Ports;
  #isOver = false;

  constructor(mapped: Mapped, deps: Ports) {
    this.#mapped = mapped;
    this.#patterns = mapped.filterCriteria.filters.map(({ pattern }) => compile(pattern));
    this.#deps = deps;
  }

  async take({ shard, Records }: Batch): Promise<void> {
    const handed = Records.filter((record) => this.#isWanted(record));
    if (handed.length > 0) await this.#hand({ shard, Records: handed }, 0);
  }

  /** Has nothing be tried again. */
  end(): void {
    this.#isOver = true;
  }

  async #hand(batch: Batch, tried: number): Promise<void> {
    if (await this.#isTaken(batch)) return;
    const { bisectBatchOnFunctionError, maximumRetryAttempts } = this.#mapped;
    if (this.#isOver) return;
    const half = Math.ceil(batch.Records.length / 2);
    if (bisectBatchOnFunctionError && half < batch.Records.length) {
      await this.#hand({ ...batch, Records: batch.Records.slice(0, half) }, tried);
      return this.#hand({ ...batch, Records: batch.Records.slice(half) }, tried);
    }
    if (tried === maximumRetryAttempts || this.#isTooOld(batch)) return this.#giveUp(batch, tried);
    await pause(Math.min(firstPause * 2 ** tried, maxPause));
    return this.#hand(batch, tried + 1);
  }

  async #isTaken({ shard, Records }: Batch): Promise<boolean> {
    const { eventSourceArn, tumblingWindowInSeconds: seconds } = this.#mapped;
    const records = Records.map((record) => ({ ...record, eventSourceARN: eventSourceArn, awsRegion: "eu-west-1" }));
    const windowed = seconds === undefined ? {} : { shardId: shard, state: {}, window: windowAt(Date.now(), seconds) };
    return this.#deps.invoke({ Records: records, ...windowed }).then(
      (answer) => seconds === undefined || windowAnswer.safeParse(answer).success,
      () => false,
    );
  }

  #isWanted(record: StreamRecord): boolean {
    const json: JsonObject = JSON.parse(JSON.stringify(record));
    return this.#patterns.some((pattern) => matches(pattern, json));
  }

  #isTooOld({ Records }: Batch): boolean {
    const [oldest = 0] = Records.map(({ dynamodb }) => dynamodb.ApproximateCreationDateTime);
    return Date.now() / 1000 - oldest > this.#mapped.maximumRecordAgeInSeconds;
  }

  /** Puts aside the same message as Lambda: the batch's place in the stream, and no record. */
  #giveUp({ shard, Records }: Batch, tried: number): void {
    const [first, last] = [Records.at(0)?.dynamodb, Records.at(-1)?.dynamodb];
    const { eventSourceArn, functionName, maximumRetryAttempts } = this.#mapped;
    const condition = tried === maximumRetryAttempts ? "RetryAttemptsExhausted" : "MaximumRecordAgeExceeded";
    const message = {
      requestContext: {
        requestId: randomUUID(),
        functionArn: functionName,
        condition,
        approximateInvokeCount: tried + 1,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: new Date().toISOString(),
      DDBStreamBatchInfo: {
        shardId: shard,
        startSequenceNumber: first?.SequenceNumber,
        endSequenceNumber: last?.SequenceNumber,
        approximateArrivalOfFirstRecord: arrivalOf(first),
        approximateArrivalOfLastRecord: arrivalOf(last),
        batchSize: Records.length,
        streamArn: eventSourceArn,
      },
    };
    this.#deps.putAside(JSON.stringify(message));
  }
}

/** The window that a time is in. */
function windowAt(time: number, seconds: number): { start: string; end: string } {
  const start = Math.floor(time / (seconds * 1000)) * seconds * 1000;
  return { start: new Date(start).toISOString(), end: new Date(start + seconds * 1000).toISOString() };
}

/** To the second, as Lambda tells it. */
function arrivalOf(record: StreamRecord["dynamodb"] | undefined): string {
  const time = new Date(Math.trunc(record?.ApproximateCreationDateTime ?? 0) * 1000);
  return time.toISOString().replace(".000Z", "Z");
}
