import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, it, vi } from "vitest";
import { unlogged } from "../../../packages/aws/src/runtime/clients.ts";

/** What a client that is asked for a row tells its logger. */
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

it("a client copies for no logger what is sent and answered, which the SDK does by itself", async () => {
  expect([await toldBy((client) => client), await toldBy(unlogged)]).toEqual([1, 0]);
});
