import { DynamoDBClient, GetItemCommand, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Calling, missingRight, namingRights } from "../../../packages/aws/src/runtime/missing-right.ts";

const config = { region: "eu-west-1", credentials: { accessKeyId: "AKID", secretAccessKey: "secret" } };

/** A service that allows nothing. */
const refusing = {
  handle: async () => ({
    response: {
      statusCode: 400,
      headers: { "content-type": "application/x-amz-json-1.0" },
      body: Buffer.from('{"__type":"AccessDeniedException"}'),
    },
  }),
};
const xml = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
const refusingObjects = {
  handle: async () => ({ response: { statusCode: 403, headers: {}, body: Buffer.from(xml) } }),
};

const dynamo = () => namingRights(new DynamoDBClient({ ...config, requestHandler: refusing }));
const s3 = () => namingRights(new S3Client({ ...config, requestHandler: refusingObjects }));

/** Sends a message to a queue that denies it. */
function sendMessage(): Promise<unknown> {
  const add = vi.fn<Calling["middlewareStack"]["add"]>();
  namingRights({ middlewareStack: { add } });
  const [middleware = expect.fail()] = add.mock.calls[0] ?? [];
  const denied = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
  return middleware(() => Promise.reject(denied), { commandName: "SendMessageCommand" })({ input: { QueueUrl } });
}
const [TableName, Bucket, QueueUrl] = ["events", "store", "https://sqs.eu-west-1.amazonaws.com/1/jobs"];
const row = (pk: string) => ({ TableName, Key: { pk: { S: pk } } });

describe("a call that the role of a function does not allow", () => {
  beforeEach(() => vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "gatepost-production-JobFunction-abcd"));
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['write rows "replayed "', "UpdateItem", () => dynamo().send(new UpdateItemCommand(row("replayed qrt_1")))],
    ['read rows "person "', "GetItem", () => dynamo().send(new GetItemCommand(row("person all 王芳")))],
    [
      "read the index byBox",
      "Query",
      () => dynamo().send(new QueryCommand({ TableName, IndexName: "byBox", KeyConditionExpression: "byBox = :box" })),
    ],
    [
      "write objects exports/",
      "PutObject",
      () => s3().send(new PutObjectCommand({ Bucket, Key: "exports/job_1/result", Body: "" })),
    ],
    ["write to a queue", "SendMessage", sendMessage],
  ])("says that the function may not %s", async (what, command, call) => {
    const failure = await call().then(
      () => null,
      (error: unknown) => error,
    );
    expect(missingRight(failure)).toMatchObject({
      kind: "unavailable",
      message: `the function Job may not ${what}: its role lacks ${command}`,
    });
  });

  it("is not known from other failures, nor from a denied object that may be absent", async () => {
    const failure = await s3()
      .send(new GetObjectCommand({ Bucket, Key: "pictures/none" }))
      .catch((error: unknown) => error);
    expect([missingRight(failure), missingRight(new Error("timeout")), missingRight(null)]).toEqual([null, null, null]);
  });
});
