import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { FaceEvent } from "@gatepost/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { timeOf } from "../../../scripts/restore/instant.ts";
import { repository } from "../../../scripts/synth/graph.ts";
import { startS3 } from "../../standins/s3.ts";
import { freshAccessKey, sharedDynamo } from "../../standins/shared-dynamo.ts";
import { Box, Client } from "../../support/client.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { catchUp, removeGone, restoreInto, rowsOf, takeOthers } from "./recovered.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import { copyOfUploads, whereRehearsable } from "./started.ts";

/** Events before the second that is restored, and acknowledged after it. */
const before = 30;
const after = 5;

whereRehearsable(() => {
  it(
    "a restored and redeployed table catches up without lost events or revived keys",
    async ({ annotate }) => {
      const copy = await copyOfUploads();
      onTestFinished(() => copy.remove());
      const s3 = await startS3();
      onTestFinished(() => s3.close());
      const where = { dynamo: { url: await sharedDynamo(), accessKey: freshAccessKey() }, s3: s3.url };

      const first = await rehearse(copy.folder, where);
      const admin = new Client(first);
      const keys = [await admin.createKey("gate-1"), await admin.createKey("gate-2")];
      const [kept, revoked] = keys;
      await deliver(first, kept?.token, 0, before);
      const old = clientOf(first);
      const [backup, second] = [await rowsOf(old, first.operator.table), Date.now()];

      // The changes after that second, which must survive the restore.
      await deliver(first, kept?.token, before, before + after);
      await request(first, "DELETE", `/v1/keys/${revoked?.id}`);
      const [erased] = await admin.events("&person=person-3");
      await request(first, "DELETE", `/v1/events/${erased?.id}`);
      const made = await admin.createKey("gate-3");
      expect((await box(first, kept?.token).post("/HistoryEvent", "not understood")).status).toBe(200);

      const began = Date.now();
      const { table } = first.operator;
      const tables = { from: table, to: `${table}-restored` };
      await restoreInto(old, tables.to, backup);
      // As it was in that second: an erased event is back, later ones are not there.
      expect(eventsIn(await rowsOf(old, tables.to))).toEqual(eventsIn(backup));
      expect(await takeOthers(old, tables)).toMatchObject({ kept: 0, failed: 0 });
      expect(await removeGone(old, tables)).toContain(erased?.id);
      const [late] = await admin.events("&person=person-4");
      await request(first, "DELETE", `/v1/events/${late?.id}`);
      await first.stop();
      const file = join(copy.folder, "graph.json");
      await writeFile(file, (await readFile(file, "utf8")).replaceAll(table, `${table}-restored`));
      const taken = await rehearse(copy.folder, where);
      const client = new Client(taken);
      expect(taken.operator.table).toBe(tables.to);
      expect((await box(taken, revoked?.token).post("/HistoryEvent", history())).status).toBe(401);

      const again = await catchUp(clientOf(taken), tables, second);
      expect(again).toEqual([late?.id]);
      for (const id of again) await request(taken, "DELETE", `/v1/events/${id}`);
      const tookMs = Date.now() - began;

      const events = await client.events();
      const areErased = ["person-3", "person-4"];
      expect(personsOf(events)).toEqual(people(0, before + after).filter((person) => !areErased.includes(person)));
      const { records } = (await (await client.get("/v1/quarantine?box=gate-1")).json()) as {
        records: { id: string }[];
      };
      expect(records).toHaveLength(1);
      expect((await client.get(`/v1/quarantine/${records[0]?.id}`)).status).toBe(200);
      expect((await box(taken, kept?.token).post("/HistoryEvent", report(3))).status).toBe(200);
      expect(await client.events("&person=person-3")).toEqual([]);
      for (const event of events) expect(await client.picture(event, "face")).not.toHaveLength(0);
      expect(taken.refused).toEqual([]);
      await taken.stop();

      // A process knows a key for a minute: those that start now do not.
      const third = await rehearse(copy.folder, where);
      onTestFinished(() => third.stop());
      expect((await box(third, revoked?.token).post("/HistoryEvent", history())).status).toBe(401);
      expect((await box(third, made.token).post("/HistoryEvent", report(99))).status).toBe(200);
      await annotate(`${backup.length} rows restored, taken over and caught up in ${tookMs} ms on the stand-ins`);
    },
    synthTimeoutMs,
  );
});

describe("the script that copies rows into a restored table", () => {
  const run = promisify(execFile);

  /** Runs the script as the guide has it, against these tables. Throws if it does not exit with 0. */
  async function said(tables: { from: string; to: string }, option: string[], env: Record<string, string>) {
    const script = join(repository, "scripts/restore/main.ts");
    const named = ["--from", tables.from, "--to", tables.to, ...option];
    const { stdout } = await run(process.execPath, [script, ...named], { env: { ...process.env, ...env } });
    return stdout;
  }

  const copied = async (...run: Parameters<typeof said>) => JSON.parse(await said(...run));

  /** A client and the variables of the script, for separate tables. */
  async function account() {
    const keys = { accessKeyId: freshAccessKey(), secretAccessKey: "any" };
    const endpoint = await sharedDynamo();
    const client = new DynamoDBClient({ region: "eu-west-1", credentials: keys, endpoint });
    onTestFinished(() => client.destroy());
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    };
    return { client, env };
  }

  it("copies rows of any size, keeps newer ones, and fails if one was missed", async () => {
    const { client, env } = await account();
    const row = (pk: string, changed: number, more: string) => ({
      pk: { S: pk },
      changed: { S: String(changed).padStart(13, "0") },
      more: { S: more },
      box: { S: "gate-1" },
      ttl: { N: "4102444800" },
    });
    const large = "x".repeat(300_000);
    const tables = { from: "old", to: "old-restored" };
    const restoredTo = Date.UTC(2026, 10, 20, 8);
    const hour = 60 * 60 * 1000;
    const kept = [row("evt_old", 1, ""), row("evt_same", restoredTo + 2 * hour, "newer")];
    const events = [row("evt_same", restoredTo + hour, "older"), row("evt_large", restoredTo + hour, large)];
    await restoreInto(client, tables.from, [
      row("evt_old", 1, ""),
      ...events,
      row("notice a", 0, large),
      row("counts a", 0, ""),
    ]);
    await restoreInto(client, tables.to, kept);

    expect(await copied(tables, ["--others"], env)).toEqual({ read: 1, written: 1, joined: 0, kept: 0, failed: 0 });
    expect(await copied(tables, ["--missing-others"], env)).toEqual({
      read: 1,
      written: 0,
      joined: 0,
      kept: 1,
      failed: 0,
    });
    const since = ["--events-since", new Date(restoredTo).toISOString()];
    expect(await copied(tables, since, env)).toEqual({ read: 2, written: 1, joined: 0, kept: 1, failed: 0 });
    const ids = (await rowsOf(client, tables.to)).map(({ pk }) => pk?.S).sort();
    // Readers of the feed find the copied events by its head.
    expect(ids).toEqual(["evt_large", "evt_old", "evt_same", "feed head", "notice a"]);
    await expect(copied({ ...tables, to: "nowhere" }, ["--missing-others"], env)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('"failed":1'),
    });
  });

  it("removes rows gone from the old table, unless functions already write to the new", async () => {
    const { client, env } = await account();
    const row = (pk: string, more: object = {}) => ({ pk: { S: pk }, ...more });
    const tables = { from: "old", to: "old-restored" };
    await restoreInto(client, tables.from, [row("evt_a"), row("pulse", { time: { N: "1" } })]);
    const [past, coming] = [{ ttl: { N: "1" } }, { ttl: { N: "4102444800" } }];
    const restored = [row("evt_b", coming), row("notice b"), row("evt_c", past), row("counts b")];
    await restoreInto(client, tables.to, [row("evt_a"), ...restored]);
    const file = join(tmpdir(), `gatepost-gone-${freshAccessKey()}`);
    onTestFinished(() => rm(file, { force: true }));
    const gone = await said(tables, ["--gone"], env);
    await writeFile(file, gone);
    expect(gone.split("\n").toSorted()).toEqual(["", "evt_b", "notice b"]);
    expect(await copied(tables, ["--remove", file], env)).toEqual({ removed: 2 });
    const left = ["counts b", "evt_a", "evt_c"];
    expect((await rowsOf(client, tables.to)).map(({ pk }) => pk?.S).sort()).toEqual(left);

    await client.send(new PutItemCommand({ TableName: tables.to, Item: row("pulse", { time: { N: "2" } }) }));
    for (const option of [["--others"], ["--gone"], ["--remove", file]])
      await expect(said(tables, option, env)).rejects.toMatchObject({
        code: 2,
        stderr: "functions write to old-restored already: this step would undo what they have written\n",
      });
    await expect(said(tables, ["--others", "--gone"], env)).rejects.toMatchObject({ code: 2 });
  });

  it.each(["2026-11-20T08:00:00", "2026-11-20 08:00", "2026-11-20", "2026-11-20T25:00:00Z", "yesterday"])(
    "takes %s for no instant: without its zone it is another time on each machine",
    (instant) => expect(timeOf(instant)).toBeNaN(),
  );

  it("copies no events since an invalid instant", async () => {
    const { env } = await account();
    const refused = said({ from: "old", to: "old-restored" }, ["--events-since", "2026-11-20T08:00:00"], env);
    await expect(refused).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("--events-since INSTANT") });
  });

  it("has the commands of the guide", async () => {
    const guide = await readFile(join(repository, "docs/aws.md"), "utf8");
    for (const option of ["--others", "--gone", "--remove", "--missing-others", "--events-since"])
      expect(guide).toContain(`node scripts/restore/main.ts --from TABLE --to TABLE-restored ${option}`);
  });
});

const name = (index: number) => `person-${index}`;
const people = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => name(from + index)).sort();
const eventsIn = (rows: Awaited<ReturnType<typeof rowsOf>>) =>
  rows
    .map(({ pk }) => pk?.S ?? "")
    .filter((pk) => pk.startsWith("evt_"))
    .sort();
const personsOf = (events: readonly FaceEvent[]) =>
  events
    .map(({ person }) => person?.id ?? "")
    .filter((id) => id.startsWith("person-"))
    .sort();

const report = (index: number) => history({ identity_id: name(index) }, { recognize_face: photo(`restored ${index}`) });

const box = ({ url }: Rehearsal, token = "") => new Box(url, token);

async function deliver(rehearsal: Rehearsal, token: string | undefined, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    const { status } = await box(rehearsal, token).post("/HistoryEvent", report(index));
    expect(status).toBe(200);
  }
}

async function request({ url, admin }: Rehearsal, method: string, path: string): Promise<void> {
  const answer = await fetch(url + path, { method, headers: { authorization: `Bearer ${admin}` } });
  expect([204, 404]).toContain(answer.status);
}

function clientOf({ operator: { region, credentials, dynamo } }: Rehearsal): DynamoDBClient {
  const client = new DynamoDBClient({ region, credentials, endpoint: dynamo });
  onTestFinished(() => client.destroy());
  return client;
}
