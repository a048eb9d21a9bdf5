import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { tableShape } from "@gatepost/aws";
import { afterEach, expect, it } from "vitest";
import { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { DynamoKeyAdmin } from "../../../packages/aws/src/keys/admin.ts";
import { onStandIns } from "../../standins/aws.ts";
import { gatepost, gatepostJson } from "../../system/cli/support.ts";

onStandIns(() => {
  let client: DynamoDBClient;
  afterEach(() => client.destroy());

  async function deploy(table: string): Promise<DynamoKeyAdmin> {
    client = new DynamoDBClient();
    await client.send(new CreateTableCommand({ TableName: table, ...tableShape }));
    return new DynamoKeyAdmin(new Dynamo(client, table, 10_000), Date.now);
  }

  it("`gatepost keys create --stage` makes the first key of a deployment, and of no other stage", async () => {
    const other = await deploy("gatepost-nightly-EventsTable-bbbb");
    const keys = await deploy("gatepost-night-EventsTable-aaaa");
    const made = await gatepostJson<{ id: string; token: string }>(
      "keys",
      "create",
      "--scope",
      "admin",
      "--stage",
      "night",
    );
    expect(made).toMatchObject({ scope: "admin", box: null, token: expect.stringMatching(/^gpa_/) });
    expect((await keys.list()).map(({ id }) => id)).toEqual([made.id]);
    expect(await other.list()).toEqual([]);
  });

  it("says where to look for a stage that is not there, and what a key needs", async () => {
    client = new DynamoDBClient();
    const missing = await gatepost("keys", "create", "--scope", "admin", "--stage", "nowhere");
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/no stage nowhere .*AWS_REGION/) });
    const boxless = await gatepost("keys", "create", "--scope", "ingest", "--stage", "night");
    expect(boxless).toMatchObject({ code: 2, stderr: expect.stringMatching(/needs --box/) });
    const both = await gatepost("keys", "create", "--scope", "admin", "--stage", "night", "--data", "x");
    expect(both.code).toBe(2);
  });
});
