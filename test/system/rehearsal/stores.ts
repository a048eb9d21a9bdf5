import { createHash } from "node:crypto";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  paginateScan,
  ResourceNotFoundException,
  TagResourceCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { createStageKey } from "@gatepost/aws/stage-key";
import type { Graph } from "../../../scripts/synth/graph.ts";
import { recorded } from "./recorded.ts";

/** The addresses of the local services, and the caller. */
export interface Access {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  dynamo: string;
  s3: string;
}

/**
 * Makes the recorded table and bucket on the local services. As the guide says, it takes over a table that is there
 * already, such as a restored one, and sets what that lacks.
 */
export async function createStores(graph: Graph, { region, credentials, dynamo, s3 }: Access): Promise<void> {
  const tables = new DynamoDBClient({ region, credentials, endpoint: dynamo });
  for (const { resource: _, name, ttl, ...table } of recorded(graph, "dynamodb/table:Table")) {
    const shape = shapeOf(table);
    const { StreamSpecification } = shape;
    const known = await stateOf(tables, name);
    if (known === null) await tables.send(new CreateTableCommand({ TableName: name, ...shape, Tags: tagsOf(graph) }));
    else if (!known.hasStream) await tables.send(new UpdateTableCommand({ TableName: name, StreamSpecification }));
    if (known !== null) await tables.send(new TagResourceCommand({ ResourceArn: known.arn, Tags: tagsOf(graph) }));
    if (known?.expires) continue;
    const TimeToLiveSpecification = { AttributeName: ttl.attributeName, Enabled: true };
    await tables.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
  }
  const buckets = new S3Client({ region, credentials, endpoint: s3, forcePathStyle: true });
  for (const { bucket } of recorded(graph, "s3/bucket:Bucket")) {
    const isThere = await buckets.send(new HeadBucketCommand({ Bucket: bucket })).then(
      () => true,
      (error: unknown) => {
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
        throw error;
      },
    );
    if (!isThere) await buckets.send(new CreateBucketCommand({ Bucket: bucket }));
  }
  tables.destroy();
  buckets.destroy();
}

/** What a table has already; null if it is not there. */
async function stateOf(tables: DynamoDBClient, TableName: string) {
  try {
    const { Table } = await tables.send(new DescribeTableCommand({ TableName }));
    const { TimeToLiveDescription } = await tables.send(new DescribeTimeToLiveCommand({ TableName }));
    return {
      arn: Table?.TableArn,
      hasStream: Table?.StreamSpecification?.StreamEnabled === true,
      expires: TimeToLiveDescription?.TimeToLiveStatus === "ENABLED",
    };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  }
}

/** The tags that SST adds to all its resources. */
function tagsOf({ app, stage }: Graph) {
  return [
    { Key: "sst:app", Value: String(app["name"]) },
    { Key: "sst:stage", Value: stage },
  ];
}

type Table = Omit<ReturnType<typeof recorded<"dynamodb/table:Table">>[number], "resource" | "name" | "ttl">;

function shapeOf({ attributes, hashKey, globalSecondaryIndexes, streamEnabled, streamViewType }: Table) {
  const keys = (hash: string, range?: string) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
  ];
  return {
    BillingMode: "PAY_PER_REQUEST" as const,
    StreamSpecification: { StreamEnabled: streamEnabled, StreamViewType: streamViewType },
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
  return (await createStageKey({ stage }, { scope: "admin", box: null }, client)).token;
}

/** What table and bucket hold, by asking them alone: ids of events, and SHA-256 of pictures. */
export async function heldIn({
  region,
  credentials,
  dynamo,
  s3,
  table,
  bucket,
}: Access & { table: string; bucket: string }): Promise<{ events: Set<string>; pictures: Set<string> }> {
  const held = { events: new Set<string>(), pictures: new Set<string>() };
  const tables = new DynamoDBClient({ region, credentials, endpoint: dynamo });
  const scan = { TableName: table, ProjectionExpression: "pk", ConsistentRead: true };
  for await (const { Items = [] } of paginateScan({ client: tables }, scan)) {
    for (const { pk } of Items) if (pk?.S?.startsWith("evt_")) held.events.add(pk.S);
  }
  const buckets = new S3Client({ region, credentials, endpoint: s3, forcePathStyle: true });
  for await (const { Contents = [] } of paginateListObjectsV2({ client: buckets }, { Bucket: bucket })) {
    for (const { Key = "" } of Contents) {
      const { Body } = await buckets.send(new GetObjectCommand({ Bucket: bucket, Key }));
      const data = Buffer.from((await Body?.transformToByteArray()) ?? []);
      for (const picture of picturesIn(data)) held.pictures.add(createHash("sha256").update(picture).digest("hex"));
    }
  }
  tables.destroy();
  buckets.destroy();
  return held;
}

/** The pictures of an object, which has them one behind the other. */
function picturesIn(data: Buffer): Buffer[] {
  const starts: number[] = [];
  const jpegStart = Buffer.from([0xff, 0xd8, 0xff]);
  for (let at = data.indexOf(jpegStart); at >= 0; at = data.indexOf(jpegStart, at + 1)) starts.push(at);
  return starts.map((start, index) => data.subarray(start, starts[index + 1]));
}
