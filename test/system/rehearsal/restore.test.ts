import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { FaceEvent } from "@gatepost/protocol";
import { expect, it, onTestFinished } from "vitest";
import { startS3 } from "../../standins/s3.ts";
import { freshAccessKey, sharedDynamo } from "../../standins/shared-dynamo.ts";
import { Box, Client } from "../../support/client.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { catchUp, restoreInto, rowsOf } from "./recovered.ts";
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
      const backup = await rowsOf(old, first.operator.table);

      // What happens after that second, and is to be so after the restore.
      await deliver(first, kept?.token, before, before + after);
      await request(first, "DELETE", `/v1/keys/${revoked?.id}`);
      const [erased] = await admin.events("&person=person-3");
      await request(first, "DELETE", `/v1/events/${erased?.id}`);
      const made = await admin.createKey("gate-3");

      const began = Date.now();
      const { table } = first.operator;
      await restoreInto(old, `${table}-restored`, backup);
      await first.stop();
      const file = join(copy.folder, "graph.json");
      await writeFile(file, (await readFile(file, "utf8")).replaceAll(table, `${table}-restored`));
      const second = await rehearse(copy.folder, where);
      const client = new Client(second);
      expect(second.operator.table).toBe(`${table}-restored`);
      // As it was in that second: an erased event is back, a revoked key opens, later events and keys are not there.
      expect(personsOf(await client.events())).toEqual(people(0, before));
      expect((await box(second, revoked?.token).post("/HistoryEvent", history())).status).toBe(200);
      expect((await box(second, made.token).post("/HistoryEvent", history())).status).toBe(401);

      const again = await catchUp(clientOf(second), { from: table, to: `${table}-restored` });
      expect(again).toContain(erased?.id);
      for (const id of again) await request(second, "DELETE", `/v1/events/${id}`);
      const tookMs = Date.now() - began;

      const events = await client.events();
      expect(personsOf(events)).toEqual(people(0, before + after).filter((person) => person !== "person-3"));
      for (const event of events) expect(await client.picture(event, "face")).not.toHaveLength(0);
      expect(second.refused).toEqual([]);
      await second.stop();

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

const name = (index: number) => `person-${index}`;
const people = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => name(from + index)).sort();
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
