import { ResourceInUseException, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import type { Row } from "../../../prove/simulation/aws/expressions.ts";
import { MemoryTable } from "./table.ts";

const ofTable = z.looseObject({ TableName: z.string() });
const streamed = z.object({ StreamEnabled: z.boolean() });
const index = z.object({
  IndexName: z.string(),
  KeySchema: z.array(z.object({ AttributeName: z.string() })),
  Projection: z.object({ ProjectionType: z.literal("KEYS_ONLY") }),
});
const created = z.object({
  TableName: z.string(),
  KeySchema: z.tuple([z.object({ AttributeName: z.literal("pk") })]),
  GlobalSecondaryIndexes: z.array(index),
  StreamSpecification: streamed.optional(),
});
const changed = z.object({
  TableName: z.string(),
  StreamSpecification: streamed.optional(),
  GlobalSecondaryIndexUpdates: z.array(z.object({ Delete: z.object({ IndexName: z.string() }) })).default([]),
});
const expiring = z.object({ TableName: z.string(), TimeToLiveSpecification: z.object({ AttributeName: z.string() }) });
const many = z.object({ RequestItems: z.record(z.string(), z.unknown()) });
const puts = z.array(z.object({ PutRequest: z.object({ Item: z.custom<Row>() }) }));
const ofStream = z.object({
  StreamArn: z.string(),
  ShardId: z.string().default(""),
  ShardIteratorType: z.string().default(""),
});
const read = z.object({ ShardIterator: z.string(), Limit: z.int().default(1000) });

type Answer = (input: unknown, tables: Map<string, MemoryTable>) => object;

/** Commands whose input is the SDK's own: the table checks it. */
const ofRows = {
  GetItem: "get",
  PutItem: "put",
  UpdateItem: "update",
  DeleteItem: "remove",
  Query: "query",
  Scan: "scan",
} as const;

const answers: Record<string, Answer> = {
  CreateTable(input, tables) {
    const { TableName, GlobalSecondaryIndexes, StreamSpecification } = created.parse(input);
    if (tables.has(TableName)) {
      throw new ResourceInUseException({ message: "Cannot create preexisting table", $metadata: {} });
    }
    const table = new MemoryTable(TableName, GlobalSecondaryIndexes);
    if (StreamSpecification?.StreamEnabled) table.openStream();
    tables.set(TableName, table);
    return { TableDescription: table.describe() };
  },
  DeleteTable(input, tables) {
    const { name } = tableOf(input, tables);
    tables.delete(name);
    return {};
  },
  UpdateTable(input, tables) {
    const table = tableOf(input, tables);
    const { StreamSpecification, GlobalSecondaryIndexUpdates } = changed.parse(input);
    if (StreamSpecification?.StreamEnabled) table.openStream();
    for (const { Delete } of GlobalSecondaryIndexUpdates) table.dropIndex(Delete.IndexName);
    return { TableDescription: table.describe() };
  },
  DescribeTable: (input, tables) => ({ Table: tableOf(input, tables).describe() }),
  ListTables: (_, tables) => ({ TableNames: [...tables.keys()].sort() }),
  UpdateTimeToLive(input, tables) {
    const { TimeToLiveSpecification } = expiring.parse(input);
    tableOf(input, tables).expiresBy = TimeToLiveSpecification.AttributeName;
    return { TimeToLiveSpecification };
  },
  DescribeTimeToLive(input, tables) {
    const { expiresBy } = tableOf(input, tables);
    const is = expiresBy === null ? { TimeToLiveStatus: "DISABLED" } : { TimeToLiveStatus: "ENABLED" };
    return { TimeToLiveDescription: { ...is, ...(expiresBy !== null && { AttributeName: expiresBy }) } };
  },
  BatchGetItem(input, tables) {
    const [TableName, ...others] = Object.keys(many.parse(input).RequestItems);
    if (others.length > 0) throw new Error("a batch is of one table here");
    return tableOf({ TableName }, tables).getAll(input as never);
  },
  BatchWriteItem(input, tables) {
    for (const [TableName, wanted] of Object.entries(many.parse(input).RequestItems)) {
      for (const { PutRequest } of puts.parse(wanted)) tableOf({ TableName }, tables).put({ TableName, ...PutRequest });
    }
    return { UnprocessedItems: {} };
  },
  ListStreams(input, tables) {
    const { stream } = tableOf(input, tables);
    return { Streams: stream === null ? [] : [{ StreamArn: stream.arn }] };
  },
  DescribeStream: (input, tables) => streamOf(ofStream.parse(input).StreamArn, tables).describe(),
  GetShardIterator(input, tables) {
    const { StreamArn, ShardId, ShardIteratorType } = ofStream.parse(input);
    return streamOf(StreamArn, tables).begin(ShardId, ShardIteratorType);
  },
  GetRecords(input, tables) {
    const { ShardIterator, Limit } = read.parse(input);
    return streamOf(ShardIterator.split(" ")[0] ?? "", tables).read(ShardIterator, Limit);
  },
};

/** The tables that each caller has, by access key and region, as DynamoDB Local keeps them apart. */
export class Tables {
  readonly #tables = new Map<string, Map<string, MemoryTable>>();

  /**
   * The answer of the service. Throws its refusals, by the name of the exception; an Error is a ValidationException.
   */
  answer(caller: string, operation: string, input: unknown): object {
    const tables = this.#tables.get(caller) ?? new Map<string, MemoryTable>();
    this.#tables.set(caller, tables);
    if (Object.hasOwn(ofRows, operation)) {
      return tableOf(input, tables)[ofRows[operation as keyof typeof ofRows]](input as never);
    }
    const answer = Object.hasOwn(answers, operation) ? answers[operation] : undefined;
    if (answer === undefined) throw new Error(`the tables in memory do not know ${operation}`);
    return answer(input, tables);
  }
}

function tableOf(input: unknown, tables: ReadonlyMap<string, MemoryTable>): MemoryTable {
  const table = tables.get(ofTable.parse(input).TableName);
  if (table !== undefined) return table;
  throw new ResourceNotFoundException({ message: "Cannot do operations on a non-existent table", $metadata: {} });
}

function streamOf(arn: string, tables: ReadonlyMap<string, MemoryTable>) {
  for (const { stream } of tables.values()) if (stream?.arn === arn) return stream;
  throw new ResourceNotFoundException({ message: "there is no such stream", $metadata: {} });
}
