import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { callerOf } from "./memory-dynamo/answer.ts";
import { copyOf } from "./memory-dynamo/without-http.ts";
import { tablesAt } from "./shared-dynamo.ts";

const described = z.object({
  StreamDescription: z.object({
    Shards: z.array(z.object({ ShardId: z.string(), ParentShardId: z.string().optional() })),
  }),
});
const listed = z.object({ Streams: z.array(z.object({ StreamArn: z.string() })) });
const iterator = z.object({ ShardIterator: z.string() });
const record = z.looseObject({
  eventName: z.enum(["INSERT", "MODIFY", "REMOVE"]),
  dynamodb: z.looseObject({ ApproximateCreationDateTime: z.number(), SequenceNumber: z.string() }),
});
const records = z.object({ Records: z.array(record), NextShardIterator: z.string().optional() });

export type StreamRecord = z.output<typeof record>;

export interface Batch {
  shard: string;
  Records: StreamRecord[];
}

export interface Followed {
  /** Batches that the handler threw on, which it gets again. */
  failures: number;
  stop(): Promise<void>;
}

interface Following {
  /** The start in the shards that exist; later shards are read completely. */
  from: "TRIM_HORIZON" | "LATEST";
  /** Records in a batch. */
  batchSize: number;
  /** Who calls, and in which region: DynamoDB Local keeps tables apart by that. */
  accessKey: string;
  region: string;
  /** Is another number after each write to the table: while it is the same the stream is read once a second. */
  writes(): number;
}

/** Minimum ms between two reads, and ms between reads without a known write. */
const readPause = 50;
const idlePause = 1000;

/** From the beginning, as the caller of the SDK. */
const usual = (): Following => ({
  from: "TRIM_HORIZON",
  batchSize: 100,
  accessKey: process.env["AWS_ACCESS_KEY_ID"] ?? "",
  region: process.env["AWS_REGION"] ?? "",
  // Is never the same.
  writes: () => Number.NaN,
});

/** Follows the stream of a table, and hands each batch to the handler until it takes it. */
export async function followStream(
  { url, table }: { url: string; table: string },
  handler: (batch: Batch) => Promise<void>,
  following: Partial<Following> = {},
): Promise<Followed> {
  const { from, batchSize, accessKey, region, writes } = { ...usual(), ...following };
  const call = callerOn(url, { accessKey, region });
  const { Streams } = listed.parse(await call("ListStreams", { TableName: table }));
  const StreamArn = Streams[0]?.StreamArn ?? "";
  const at = new Map<string, string | undefined>();
  /** Ended shards without a known successor: no shard begins otherwise. */
  const ended = new Set<string>();
  const followed = { failures: 0, isOver: false };
  const hand = async (batch: Batch): Promise<void> => {
    try {
      await handler(batch);
    } catch {
      followed.failures += 1;
      if (!followed.isOver) await hand(batch);
    }
  };
  const open = async (ShardIteratorType: string) => {
    const { StreamDescription } = described.parse(await call("DescribeStream", { StreamArn }));
    for (const { ShardId, ParentShardId } of StreamDescription.Shards.filter((shard) => !at.has(shard.ShardId))) {
      const begin = { StreamArn, ShardId, ShardIteratorType };
      ended.delete(ParentShardId ?? "");
      at.set(ShardId, iterator.parse(await call("GetShardIterator", begin)).ShardIterator);
    }
  };
  /** Whether there was anything. */
  const step = async () => {
    let found = false;
    for (const [shard, ShardIterator] of at) {
      if (ShardIterator === undefined) continue;
      const { Records, NextShardIterator } = records.parse(
        await call("GetRecords", { ShardIterator, Limit: batchSize }),
      );
      if (Records.length > 0) await hand({ shard, Records });
      found ||= Records.length > 0;
      at.set(shard, NextShardIterator);
      if (NextShardIterator === undefined) ended.add(shard);
    }
    return found;
  };
  await open(from);
  const running = (async () => {
    while (!followed.isOver) {
      const [before, time] = [writes(), Date.now()];
      const mayHaveMore = await step();
      const isIdle = () => !mayHaveMore && writes() === before && Date.now() - time < idlePause;
      do await pause(readPause);
      while (isIdle() && !followed.isOver);
      if (at.size === 0 || ended.size > 0) await open("TRIM_HORIZON");
    }
  })();
  return {
    get failures() {
      return followed.failures;
    },
    async stop() {
      followed.isOver = true;
      await running;
    },
  };
}

/** Reads the records that entered the stream of a table since the last read, in the order of each shard. */
export class StreamReader {
  readonly #call: (name: string, input: object) => Promise<unknown>;
  readonly #table: string;
  readonly #batchSize: number;
  readonly #at = new Map<string, string | undefined>();

  constructor({ url, table }: { url: string; table: string }, batchSize = 100) {
    this.#call = callerOn(url, usual());
    this.#table = table;
    this.#batchSize = batchSize;
  }

  async read(): Promise<Batch[]> {
    const { Streams } = listed.parse(await this.#call("ListStreams", { TableName: this.#table }));
    const StreamArn = Streams[0]?.StreamArn ?? "";
    const { StreamDescription } = described.parse(await this.#call("DescribeStream", { StreamArn }));
    for (const { ShardId } of StreamDescription.Shards.filter((shard) => !this.#at.has(shard.ShardId))) {
      const begin = { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" };
      this.#at.set(ShardId, iterator.parse(await this.#call("GetShardIterator", begin)).ShardIterator);
    }
    const batches: Batch[] = [];
    for (const shard of this.#at.keys()) batches.push(...(await this.#readShard(shard)));
    return batches;
  }

  async #readShard(shard: string): Promise<Batch[]> {
    const batches: Batch[] = [];
    for (;;) {
      const ShardIterator = this.#at.get(shard);
      if (ShardIterator === undefined) return batches;
      const asked = { ShardIterator, Limit: this.#batchSize };
      const { Records, NextShardIterator } = records.parse(await this.#call("GetRecords", asked));
      this.#at.set(shard, NextShardIterator);
      if (Records.length === 0) return batches;
      batches.push({ shard, Records });
    }
  }
}

/** DynamoDB Local looks at who signs, not at the signature. Tables of this process are asked without HTTP. */
function callerOn(url: string, { accessKey, region }: Pick<Following, "accessKey" | "region">) {
  const credential = `${accessKey}/20261120/${region}`;
  return async (name: string, input: object): Promise<unknown> => {
    const tables = await tablesAt(url);
    if (tables !== null) return copyOf(tables.answer(callerOf(accessKey, region), name, input));
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDBStreams_20120810.${name}`,
        "x-amz-date": "20261120T120000Z",
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0`,
      },
      body: JSON.stringify(input),
    });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}
