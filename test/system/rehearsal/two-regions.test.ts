import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { exportStageKeys } from "@gatepost/aws/stage-key";
import type { FaceEvent } from "@gatepost/protocol";
import { expect, it, onTestFinished } from "vitest";
import { startS3 } from "../../standins/s3.ts";
import { freshAccessKey, sharedDynamo } from "../../standins/shared-dynamo.ts";
import { Box, Client } from "../../support/client.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import { copyOfUploads, whereRehearsable } from "./started.ts";

/** Passings that the first region acknowledged, and later ones that boxes could not deliver. */
const [delivered, waiting] = [20, 10];

whereRehearsable(() => {
  it(
    "a second region takes over URLs and backlog, and no passing is lost or doubled",
    async ({ annotate }) => {
      const copy = await copyOfUploads();
      onTestFinished(() => copy.remove());
      const region = async () => {
        const s3 = await startS3();
        onTestFinished(() => s3.close());
        return { dynamo: { url: await sharedDynamo(), accessKey: freshAccessKey() }, s3: s3.url };
      };
      const [here, there] = [await region(), await region()];

      const first = await rehearse(copy.folder, here);
      const admin = new Client(first);
      const [north, south, gone] = [
        await admin.createKey("gate-1"),
        await admin.createKey("gate-2"),
        await admin.createKey("gate-3"),
      ];
      const boxes = ({ url }: Rehearsal) => [new Box(url, north.token), new Box(url, south.token)];
      await revoke(first, gone.id);
      await deliver(boxes(first), 0, delivered);
      const stage = "test";
      const { region: name, credentials, dynamo } = first.operator;
      const exported = await exportStageKeys(
        { stage },
        new DynamoDBClient({ region: name, credentials, endpoint: dynamo }),
      );
      await first.stop();
      const began = Date.now();

      const second = await rehearse(copy.folder, there);
      const deployed = Date.now();
      const client = new Client(second);
      expect((await new Box(second.url, north.token).post("/HistoryEvent", report(0))).status).toBe(401);
      await importKeys(client, exported);
      const open = Date.now();
      // A process knows for ten seconds that a key is unknown. A box repeats its report now and then: after 30 wrong
      // keys in a minute it would have to wait.
      const waitingBox = new Box(second.url, north.token);
      await expect.poll(() => statusOf(waitingBox, report(delivered)), { interval: 1000 }).toBe(200);
      expect(await statusOf(new Box(second.url, gone.token), report(0))).toBe(401);
      // A box repeats its last reports, whose acknowledgements it may not have got, and then delivers the rest.
      await deliver(boxes(second), delivered - 2, delivered + waiting);
      const caughtUp = Date.now();
      expect(personsOf(await client.events())).toEqual(people(delivered - 2, delivered + waiting));
      for (const event of await client.events()) expect(await client.picture(event, "face")).not.toHaveLength(0);
      expect(second.refused).toEqual([]);
      await second.stop();

      // The first region returns with all acknowledged passings.
      const again = await rehearse(copy.folder, here);
      onTestFinished(() => again.stop());
      const kept = personsOf(await new Client(again).events());
      expect(kept).toEqual(people(0, delivered));
      const took = { deployMs: deployed - began, keysMs: open - deployed, backlogMs: caughtUp - open };
      await annotate(`a second region took over on the stand-ins: ${JSON.stringify(took)}`);
    },
    synthTimeoutMs,
  );
});

const person = (index: number) => `person-${index}`;
const people = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => person(from + index)).sort();
const personsOf = (events: readonly FaceEvent[]) => events.map((event) => event.person?.id ?? "").sort();

const report = (index: number) =>
  history(
    { identity_id: person(index), timestamp: Date.UTC(2026, 10, 20, 12, index) },
    { recognize_face: photo(`${index}`) },
  );

async function statusOf(box: Box, body: unknown): Promise<number> {
  return (await box.post("/HistoryEvent", body)).status;
}

async function deliver(boxes: readonly Box[], from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1) {
    const box = boxes[index % boxes.length];
    if (box !== undefined) expect(await statusOf(box, report(index))).toBe(200);
  }
}

async function revoke({ url, admin }: Rehearsal, id: string): Promise<void> {
  const headers = { authorization: `Bearer ${admin}` };
  const answer = await fetch(`${url}/v1/keys/${id}`, { method: "DELETE", headers });
  expect(answer.status).toBe(204);
}

/** As `gatepost keys import` does. */
async function importKeys(client: Client, keys: readonly { id: string }[]): Promise<void> {
  const { id } = (await (await client.post("/v1/imports", { store: "0123456789abcdef" })).json()) as { id: string };
  const answer = await client.post(`/v1/imports/${id}`, { keys });
  const { taken } = (await answer.json()) as { taken: { outcome: string }[] };
  expect(taken.map(({ outcome }) => outcome)).toEqual(keys.map(() => "made"));
  expect((await client.post(`/v1/imports/${id}/end`, { keys: keys.length })).status).toBeLessThan(300);
}
