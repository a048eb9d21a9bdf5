import { isDeepStrictEqual } from "node:util";
import type { StreamImage } from "../../../prove/simulation/aws/table.ts";

const shards = ["shard-0", "shard-1"];

interface StreamRecord {
  eventName: "INSERT" | "MODIFY" | "REMOVE";
  dynamodb: object;
}

/** The stream of a table, from its first record on: in two shards, a row always in the same. */
export class TableStream {
  readonly arn: string;
  readonly #records = new Map(shards.map((shard) => [shard, [] as StreamRecord[]]));
  #sequence = 0;

  constructor(table: string) {
    this.arn = `arn:aws:dynamodb:eu-central-1:000000000000:table/${table}/stream/memory`;
  }

  /** A write that leaves a row unchanged makes no record. */
  note({ pk, before, after }: StreamImage): void {
    if (isDeepStrictEqual(before, after)) return;
    this.#sequence += 1;
    const dynamodb = {
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      Keys: { pk: { S: pk } },
      ...(before && { OldImage: before }),
      ...(after && { NewImage: after }),
      SequenceNumber: String(this.#sequence).padStart(21, "0"),
      StreamViewType: "NEW_AND_OLD_IMAGES",
    };
    const eventName = before === undefined ? "INSERT" : after === undefined ? "REMOVE" : "MODIFY";
    const shard = shards[[...pk].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % shards.length] ?? "";
    this.#records.get(shard)?.push({ eventName, dynamodb });
  }

  describe(): object {
    return { StreamDescription: { StreamArn: this.arn, Shards: shards.map((ShardId) => ({ ShardId })) } };
  }

  /** An iterator names its shard and how many of its records were read. */
  begin(shard: string, from: string): object {
    return { ShardIterator: `${this.arn} ${shard} ${from === "LATEST" ? this.#of(shard).length : 0}` };
  }

  read(iterator: string, limit: number): object {
    const [, shard = "", at = ""] = iterator.split(" ");
    const Records = this.#of(shard).slice(Number(at), Number(at) + limit);
    return { Records, NextShardIterator: `${this.arn} ${shard} ${Number(at) + Records.length}` };
  }

  #of(shard: string): StreamRecord[] {
    return this.#records.get(shard) ?? [];
  }
}
