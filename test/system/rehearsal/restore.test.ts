import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { FaceEvent } from "@gatepost/protocol";
import { expect, it, onTestFinished } from "vitest";
import { repository } from "../../../scripts/synth/graph.ts";
import { startS3 } from "../../standins/s3.ts";
import { freshAccessKey, sharedDynamo } from "../../standins/shared-dynamo.ts";
import { Box, Client } from "../../support/client.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import {
  catchUp,
  ofAllButEvents,
  ofChangedEvents,
  restoreInto,
  rowsOf,
  takeOthers,
  whereMissing,
  whereOlder,
} from "./recovered.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import { copyOfUploads, whereRehearsable } from "./started.ts";

/** Events before the second that is restored, and acknowledged after it. */
const before = 30;
const after = 5;

whereRehearsable(() => {
  it(
    "a table is restored, taken over by the next deploy, and caught up, with nothing lost and nobody let in again",
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

      // What happens after that second, and is to be so after the restore.
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
      await takeOthers(old, tables);
      await first.stop();
      const file = join(copy.folder, "graph.json");
      await writeFile(file, (await readFile(file, "utf8")).replaceAll(table, `${table}-restored`));
      const taken = await rehearse(copy.folder, where);
      const client = new Client(taken);
      expect(taken.operator.table).toBe(tables.to);
      expect((await box(taken, revoked?.token).post("/HistoryEvent", history())).status).toBe(401);

      const again = await catchUp(clientOf(taken), tables, second);
      expect(again).toContain(erased?.id);
      for (const id of again) await request(taken, "DELETE", `/v1/events/${id}`);
      const tookMs = Date.now() - began;

      const events = await client.events();
      expect(personsOf(events)).toEqual(people(0, before + after).filter((person) => person !== "person-3"));
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

it("the guide says what the rehearsal does", async () => {
  const guide = await readFile(join(repository, "docs/operations.md"), "utf8");
  for (const one of [ofAllButEvents, ofChangedEvents, whereMissing, whereOlder]) expect(guide).toContain(`'${one}'`);
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
