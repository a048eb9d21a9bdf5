import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";

const described = z.object({
  StreamDescription: z.object({ Shards: z.array(z.object({ ShardId: z.string() })) }),
});
const listed = z.object({ Streams: z.array(z.object({ StreamArn: z.string() })) });
const iterator = z.object({ ShardIterator: z.string() });
const records = z.object({ Records: z.array(z.unknown()), NextShardIterator: z.string().optional() });

export interface Followed {
  /** Batches that the handler threw on, which it gets again. */
  failures: number;
  stop(): Promise<void>;
}

/** Follows the stream of a table from its beginning, and hands each batch to the handler until it takes it. */
export async function followStream(
  url: string,
  table: string,
  handler: (event: { Records: unknown[] }) => Promise<void>,
): Promise<Followed> {
  const { Streams } = listed.parse(await call(url, "ListStreams", { TableName: table }));
  const StreamArn = Streams[0]?.StreamArn ?? "";
  const at = new Map<string, string | undefined>();
  const followed = { failures: 0, isOver: false };
  const hand = async (batch: { Records: unknown[] }): Promise<void> => {
    try {
      await handler(batch);
    } catch {
      followed.failures += 1;
      if (!followed.isOver) await hand(batch);
    }
  };
  const step = async () => {
    const { StreamDescription } = described.parse(await call(url, "DescribeStream", { StreamArn }));
    for (const { ShardId } of StreamDescription.Shards) {
      const begin = { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" };
      if (!at.has(ShardId)) at.set(ShardId, iterator.parse(await call(url, "GetShardIterator", begin)).ShardIterator);
      const ShardIterator = at.get(ShardId);
      if (ShardIterator === undefined) continue;
      const { Records, NextShardIterator } = records.parse(
        await call(url, "GetRecords", { ShardIterator, Limit: 100 }),
      );
      if (Records.length > 0) await hand({ Records });
      at.set(ShardId, NextShardIterator);
    }
  };
  const running = (async () => {
    while (!followed.isOver) {
      await step();
      await pause(20);
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

/** DynamoDB Local looks at who signs, not at the signature. */
async function call(url: string, name: string, input: object): Promise<unknown> {
  const credential = "STANDIN/20261120/eu-central-1/dynamodb/aws4_request";
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDBStreams_20120810.${name}`,
      "x-amz-date": "20261120T120000Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
