import { createHash } from "node:crypto";
import { minuteMs } from "@gatepost/protocol";
import type { StreamImage } from "../../../../prove/simulation/aws/table.ts";
import type { Scheduler } from "../../../../prove/simulation/engine/scheduler.ts";

/** As stacks/jobs.ts has them: a batch has so many records, or what a minute brought. */
const [batchSize, windowMs] = [1000, minuteMs];

/** Bytes of a batch at most. */
const maxBatchBytes = 6 * 1024 * 1024;

/** The function of the stream. */
type Handler = (batch: { shardId: string; Records: object[] }) => Promise<unknown>;

interface Shard {
  name: string;
  handler: Handler;
  records: { record: object; bytes: number; at: number }[];
  isRunning: boolean;
}

interface Ports {
  scheduler: Scheduler;
  /** Makes the process of a shard. */
  handler(): Handler;
  /** Notes a batch that failed. Lambda would halve it and deliver it again. */
  failed(error: unknown): void;
}

/** The stream of the table, whose shards each have one process. */
export class StreamShards {
  readonly #ports: Ports;
  readonly #shards: Shard[];
  #sequence = 0;
  batches = 0;

  constructor(count: number, ports: Ports) {
    this.#ports = ports;
    this.#shards = Array.from({ length: count }, (_, index) => ({
      name: `shard-${index}`,
      handler: ports.handler(),
      records: [],
      isRunning: false,
    }));
  }

  note({ pk, before, after }: StreamImage): void {
    if (!/^(?:evt_|notice |qrt_|pulse$)/.test(pk)) return;
    this.#sequence += 1;
    const SequenceNumber = String(this.#sequence).padStart(21, "0");
    const record = {
      dynamodb: { SequenceNumber, ...(before && { OldImage: before }), ...(after && { NewImage: after }) },
    };
    const hash = createHash("sha256").update(pk).digest().readUInt32BE(0);
    const shard = this.#shards[hash % this.#shards.length];
    shard?.records.push({ record, bytes: JSON.stringify(record).length, at: this.#ports.scheduler.now });
  }

  /** Hands every batch that is due to its process. Call it each second. */
  deliver(): void {
    for (const shard of this.#shards) void this.#deliver(shard);
  }

  async #deliver(shard: Shard): Promise<void> {
    if (shard.isRunning) return;
    shard.isRunning = true;
    for (let batch = this.#due(shard); batch.length > 0; batch = this.#due(shard)) {
      this.batches += 1;
      await shard.handler({ shardId: shard.name, Records: batch }).catch((error) => this.#ports.failed(error));
    }
    shard.isRunning = false;
  }

  #due({ records }: Shard): object[] {
    let bytes = 0;
    let count = 0;
    for (const record of records) {
      bytes += record.bytes;
      if (count === batchSize || bytes > maxBatchBytes) break;
      count += 1;
    }
    const isFull = count === batchSize || count < records.length;
    const [oldest] = records;
    if (oldest === undefined || (!isFull && this.#ports.scheduler.now - oldest.at < windowMs)) return [];
    return records.splice(0, count).map(({ record }) => record);
  }
}
