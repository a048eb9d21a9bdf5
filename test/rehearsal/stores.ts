import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { createStageKey } from "@gatepost/aws/stage-key";
import type { Graph } from "../../scripts/synth/graph.ts";
import { recorded } from "./recorded.ts";

/** Where the stand-ins are, and who calls them. */
export interface Access {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  dynamo: string;
  s3: string;
}

/** Makes the recorded table and bucket on the stand-ins. */
export async function createStores(graph: Graph, { region, credentials, dynamo, s3 }: Access): Promise<void> {
  const tables = new DynamoDBClient({ region, credentials, endpoint: dynamo });
  for (const { resource: _, name, ttl, ...table } of recorded(graph, "dynamodb/table:Table")) {
    await tables.send(new CreateTableCommand({ TableName: name, ...shapeOf(table) }));
    const TimeToLiveSpecification = { AttributeName: ttl.attributeName, Enabled: true };
    await tables.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
  }
  const buckets = new S3Client({ region, credentials, endpoint: s3, forcePathStyle: true });
  for (const { bucket } of recorded(graph, "s3/bucket:Bucket")) {
    await buckets.send(new CreateBucketCommand({ Bucket: bucket }));
  }
  tables.destroy();
  buckets.destroy();
}

type Table = Omit<ReturnType<typeof recorded<"dynamodb/table:Table">>[number], "resource" | "name" | "ttl">;

function shapeOf({ attributes, hashKey, globalSecondaryIndexes }: Table) {
  const keys = (hash: string, range?: string) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
  ];
  return {
    BillingMode: "PAY_PER_REQUEST" as const,
    AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keys(hashKey),
    GlobalSecondaryIndexes: globalSecondaryIndexes.map((index) => ({
      IndexName: index.name,
      KeySchema: keys(index.hashKey, index.rangeKey),
      Projection: { ProjectionType: index.projectionType },
    })),
  };
}

/** The first key, as an operator makes it with `gatepost keys create --stage`; gives its token. */
export async function keyOfOperator(stage: string, { region, credentials, dynamo }: Access): Promise<string> {
  const client = new DynamoDBClient({ region, credentials, endpoint: dynamo });
  return (await createStageKey(stage, { scope: "admin", box: null }, client)).token;
}
