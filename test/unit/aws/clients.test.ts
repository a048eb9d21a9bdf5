import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, it, vi } from "vitest";
import { unlogged } from "../../../packages/aws/src/runtime/clients.ts";

/** How often a client that reads a row calls its logger. */
async function toldBy(change: (client: DynamoDBClient) => DynamoDBClient): Promise<number> {
  const info = vi.fn();
  const credentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
  const logger = { debug() {}, info, warn() {}, error() {} };
  const client = change(new DynamoDBClient({ region: "eu-west-1", credentials, logger }));
  client.config.requestHandler.handle = async () => ({
    response: { statusCode: 200, headers: {}, body: Buffer.from("{}") },
  });
  await client.send(new GetItemCommand({ TableName: "table", Key: { pk: { S: "row" } } }));
  return info.mock.calls.length;
}

it("a client copies no requests and answers for a logger, unlike the SDK alone", async () => {
  expect([await toldBy((client) => client), await toldBy(unlogged)]).toEqual([1, 0]);
});
