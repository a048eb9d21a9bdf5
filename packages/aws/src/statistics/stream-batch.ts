import type { Item } from "@gatepost/store";
import * as z from "zod";
import { foreign } from "../dynamo/item.ts";

const value = z.union([
  z.object({ S: z.string() }).transform(({ S }) => S),
  z.object({ N: z.string() }).transform(({ N }) => Number(N)),
  z.unknown().transform(() => foreign),
]);

/** A row as the table's stream has it, before or after a change; absent if there was none. */
const streamImage = z.record(z.string(), value).optional();

const record = z.object({
  dynamodb: z.object({ SequenceNumber: z.string().regex(/^\d{1,40}$/), OldImage: streamImage, NewImage: streamImage }),
});

/**
 * The event of a mapping with a tumbling window. It names the shard, which other mappings do not. At the end of a
 * window it has no records.
 */
const windowEvent = z.object({ shardId: z.string().min(1), Records: z.array(record) });

/** A row that changed, and its place in the shard. */
export interface StreamRecord {
  sequence: string;
  before: Item | undefined;
  after: Item | undefined;
}

export interface StreamBatch {
  shard: string;
  /** In the order of their sequence numbers. */
  records: StreamRecord[];
}

export function batchIn(event: unknown): StreamBatch {
  const { shardId, Records } = windowEvent.parse(event);
  const records = Records.map(({ dynamodb: { SequenceNumber, OldImage, NewImage } }) => ({
    sequence: SequenceNumber,
    before: OldImage,
    after: NewImage,
  }));
  return { shard: shardId, records: records.sort((a, b) => (isAfter(a.sequence, b.sequence) ? 1 : -1)) };
}

/** Whether a record follows another one of its shard. Sequence numbers have up to 40 digits. */
export function isAfter(sequence: string, other: string | undefined): boolean {
  return other === undefined || padded(sequence) > padded(other);
}

/** A sequence number as text that sorts like the number. */
export function padded(sequence: string): string {
  return sequence.padStart(40, "0");
}
