import { CreateTableCommand, DynamoDBClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-dynamodb";
import { tableShape } from "@gatepost/aws";
import { SetupCodes } from "@gatepost/core/accounts";
import { hashToken, type KeyRecords } from "@gatepost/core/keys";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { DynamoItems } from "../../../packages/aws/src/dynamo/items.ts";
import { onStandIns, patient } from "../../standins/aws.ts";
import type { Listening } from "../../standins/listen.ts";
import { withTableTags } from "../../standins/table-tags.ts";
import { KeysOfTest } from "../../support/memory/keys.ts";
import { gatepost, gatepostJson } from "../../system/cli/support.ts";

onStandIns((standIns) => {
  let client: DynamoDBClient;
  let tagging: Listening;
  beforeEach(async () => {
    tagging = await withTableTags(standIns.dynamo.url);
    vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", tagging.url);
    client = new DynamoDBClient();
  });
  afterEach(async () => {
    client.destroy();
    vi.unstubAllEnvs();
    await tagging.close();
  });

  const tagsOf = (stage: string) => [
    { Key: "application", Value: "gatepost" },
    { Key: "sst:app", Value: "gatepost" },
    { Key: "sst:stage", Value: stage },
  ];

  async function deploy(table: string, stage: string | null): Promise<{ keys: KeyRecords; arn: string }> {
    const Tags = stage === null ? [] : tagsOf(stage);
    const input = { TableName: table, ...tableShape, Tags };
    const { TableDescription } = await client.send(new CreateTableCommand(input));
    const items = new DynamoItems(new Dynamo(client, table, patient.read), Date.now);
    const { admin: keys } = new KeysOfTest({ items, sites: { boxesOf: async () => [] }, clock: Date.now });
    return { keys, arn: TableDescription?.TableArn ?? "" };
  }

  const create = (...more: string[]) =>
    gatepostJson<{ id: string; token: string }>("keys", "create", "--scope", "admin", ...more);

  it("`gatepost keys create --stage` makes the first key of a deployment", async () => {
    const { keys } = await deploy("gatepost-night-EventsTable-aaaa", "night");
    const made = await create("--stage", "night");
    expect(made).toMatchObject({ scope: "admin", box: null, token: expect.stringMatching(/^gpa_/) });
    expect((await keys.list()).map(({ id }) => id)).toEqual([made.id]);
  });

  it("`gatepost sign-in --stage` makes a first link, and names the missing address", async () => {
    await deploy("gatepost-dusk-EventsTable-aaaa", "dusk");
    const { code, url } = await gatepostJson<{ code: string; url: string }>("sign-in", "--stage", "dusk");
    expect(url).toBe(`/#setup=${code}`);
    const items = new DynamoItems(new Dynamo(client, "gatepost-dusk-EventsTable-aaaa", patient.read), Date.now);
    const codes = new SetupCodes(items, Date.now);
    expect([await codes.take(code), await codes.take(code)]).toEqual([true, false]);
    const { stdout } = await gatepost("sign-in", "--stage", "dusk");
    expect(stdout).toContain("Put the console's address that the deployment printed before it; --public-url does it.");
  });

  it("makes none in the table of a stage with a longer name", async () => {
    const second = await deploy("gatepost-pr-2-EventsTable-aaaa", "pr-2");
    const refused = await gatepost("keys", "create", "--scope", "admin", "--stage", "pr");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/no table with the tags of stage pr /) });
    const first = await deploy("gatepost-pr-EventsTable-bbbb", "pr");
    const made = await create("--stage", "pr");
    expect((await first.keys.list()).map(({ id }) => id)).toEqual([made.id]);
    expect(await second.keys.list()).toEqual([]);
  });

  it("makes none in a table that only has the name of the stage", async () => {
    await deploy("gatepost-lone-EventsTable-aaaa", null);
    expect((await gatepost("keys", "create", "--scope", "admin", "--stage", "lone")).code).toBe(1);
  });

  it("requires a table's name after a restore, unless one alone has the tags", async () => {
    const old = await deploy("gatepost-main-EventsTable-aaaa", "main");
    const restored = await deploy("gatepost-main-EventsTable-aaaa-restored", null);
    expect((await old.keys.list()).length).toBe(0);
    await client.send(new TagResourceCommand({ ResourceArn: restored.arn, Tags: tagsOf("main") }));
    const unclear = await gatepost("keys", "create", "--scope", "admin", "--stage", "main");
    const both = "gatepost-main-EventsTable-aaaa, gatepost-main-EventsTable-aaaa-restored";
    expect(unclear).toMatchObject({ code: 1, stderr: expect.stringContaining(`${both}; give --table`) });
    const named = await create("--stage", "main", "--table", "gatepost-main-EventsTable-aaaa-restored");
    await client.send(new UntagResourceCommand({ ResourceArn: old.arn, TagKeys: ["sst:stage"] }));
    const found = await create("--stage", "main");
    expect((await restored.keys.list()).map(({ id }) => id)).toEqual([named.id, found.id]);
    expect(await old.keys.list()).toEqual([]);
  });

  it("`gatepost keys export --stage` prints the keys of a deployment, by hashes", async () => {
    const { keys } = await deploy("gatepost-far-EventsTable-aaaa", "far");
    const { id, token } = await create("--stage", "far");
    const { stdout } = await gatepost("keys", "export", "--stage", "far");
    expect(stdout).not.toContain(token);
    expect(JSON.parse(stdout)).toEqual({
      keys: [expect.objectContaining({ id, scope: "admin", tokenHash: hashToken(token), revokedAt: null })],
    });
    const stageless = await gatepost("keys", "export", "--table", "gatepost-x");
    expect(stageless).toMatchObject({ code: 2, stderr: expect.stringMatching(/--table is the table of a --stage/) });
    expect(await keys.list()).toHaveLength(1);
  });

  it("explains a missing stage and missing options", async () => {
    const missing = await gatepost("keys", "create", "--scope", "admin", "--stage", "nowhere");
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/of stage nowhere .*AWS_REGION/) });
    const boxless = await gatepost("keys", "create", "--scope", "ingest", "--stage", "night");
    expect(boxless).toMatchObject({ code: 2, stderr: expect.stringMatching(/needs --box/) });
    const both = await gatepost("keys", "create", "--scope", "admin", "--stage", "night", "--data", "x");
    expect(both.code).toBe(2);
    const stageless = await gatepost("keys", "create", "--scope", "admin", "--table", "gatepost-x");
    expect(stageless).toMatchObject({ code: 2, stderr: expect.stringMatching(/--table is the table of a --stage/) });
    const misspelt = await gatepost("keys", "create", "--scope", "admin", "--stage", "night", "--table", "a/b");
    expect(misspelt).toMatchObject({ code: 2, stderr: expect.stringMatching(/name of a DynamoDB table/) });
  });
});
