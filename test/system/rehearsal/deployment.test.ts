import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { folderOf, type Graph, readGraph } from "../../../scripts/synth/graph.ts";
import { patient } from "../../standins/aws.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { recorded } from "./recorded.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

whereRehearsable(() => {
  describe("the deployment", () => {
    let deps: Started;
    beforeAll(async () => {
      deps = await started();
    }, synthTimeoutMs);
    afterAll(() => deps.stop());

    it("announces pending actions by its schedule, once, even over a slow bus", async () => {
      const { rehearsal, client, box } = deps;
      rehearsal.bus.isDown = true;
      await box.post("/HistoryEvent", history({ want_action: "1002" }));
      const states = async () => (await client.events()).flatMap(({ actions }) => actions.map(({ state }) => state));
      expect(await states()).toEqual(["pending"]);
      rehearsal.bus.isDown = false;
      await letPass(rehearsal, (await client.events())[0]?.id ?? "");
      // Longer than a report would wait for it.
      rehearsal.bus.takesMs = 1200;
      expect(await rehearsal.fire("ActionSweepScheduleSchedule")).toEqual({ announced: 1, failed: 0 });
      rehearsal.bus.takesMs = 0;
      expect(await states()).toEqual(["announced"]);
      const held = [...rehearsal.bus.queues.values()].flat().map(({ detail }) => detail["want_action"]);
      expect(held).toEqual(["1002"]);
      expect(rehearsal.refused).toEqual([]);
    });

    it("checks boxes by its schedule, once its pulse has arrived by the stream", async () => {
      const { rehearsal, box } = deps;
      await box.post("/HistoryEvent", history());
      await rehearsal.fire("BoxSweepScheduleSchedule");
      await expect.poll(() => rehearsal.mappings.left).toBe(0);
      const { dynamo, region, credentials, table } = rehearsal.operator;
      const client = new DynamoDBClient({ endpoint: dynamo, region, credentials });
      const heard = new GetItemCommand({ TableName: table, Key: { pk: { S: "pulse heard" } }, ConsistentRead: true });
      await expect.poll(async () => (await client.send(heard)).Item).toBeDefined();
      client.destroy();
      await rehearsal.fire("BoxSweepScheduleSchedule");
      expect(rehearsal.refused).toEqual([]);
    });

    it("removes pictures of erased events by its schedule", async () => {
      const { rehearsal, client, box } = deps;
      await box.post("/HistoryEvent", history({ identity_id: "4711" }, { recognize_face: photo("erased") }));
      const [event] = await client.events("&person=4711");
      const link = await client.get(`/v1/events/${event?.id}/pictures/face/link`);
      const { url } = (await link.json()) as { url: string };
      expect((await fetch(url)).status).toBe(200);
      expect((await erase(rehearsal, `/v1/events/${event?.id}`)).status).toBe(204);
      expect(await client.events("&person=4711")).toEqual([]);
      await letErasuresBeDue(rehearsal);
      rehearsal.letObjectsAge(120_000);
      expect(await rehearsal.fire("ErasureSweepScheduleSchedule")).toBe(1);
      expect((await fetch(url)).status).toBe(404);
      expect(rehearsal.refused).toEqual([]);
    });

    it("finishes the erasure of a person by its schedule", async () => {
      const { rehearsal, client, box } = deps;
      await box.post("/HistoryEvent", history({ identity_id: "4712" }));
      await expect.poll(() => client.events("&person=4712")).toHaveLength(1);
      expect((await erase(rehearsal, "/v1/people?id=4712&all=1")).status).toBeLessThan(300);
      const swept: unknown[] = [];
      for (let n = 0; n < 3; n++) {
        await letErasuresBeDue(rehearsal);
        rehearsal.letObjectsAge(120_000);
        swept.push(await rehearsal.fire("ErasureSweepScheduleSchedule"));
      }
      // The event and two steps about the person, then the last step, which the sweep has stored.
      expect(swept).toEqual([3, 1, 0]);
      expect(rehearsal.refused).toEqual([]);
    });

    it("does by its schedule a job whose message was lost", async () => {
      const { rehearsal } = deps;
      const id = await storeForgottenJob(rehearsal);
      await rehearsal.fire("JobSweepScheduleSchedule");
      const headers = { authorization: `Bearer ${rehearsal.admin}` };
      const stateOf = async () => (await fetch(`${rehearsal.url}/v1/jobs/${id}`, { headers })).json();
      await expect.poll(stateOf, { interval: 200 }).toMatchObject({ state: "done" });
      expect(rehearsal.refused).toEqual([]);
    });

    it("does a job over a slow table", async () => {
      const { rehearsal, client, box } = deps;
      await box.post("/HistoryEvent", "not JSON");
      // Longer than a report would wait for its key.
      rehearsal.slowTable("JobFunction", 1000);
      const asked = await client.post("/v1/jobs", { kind: "replay" });
      const { id } = (await asked.json()) as { id: string };
      const stateOf = async () => (await client.get(`/v1/jobs/${id}`)).json();
      await expect.poll(stateOf, { interval: 200 }).toMatchObject({ state: "done", result: { kept: [{}] } });
      rehearsal.slowTable("JobFunction", 0);
      expect(rehearsal.refused).toEqual([]);
    });

    it("links a quarantined body that is too large for an answer of Lambda", async () => {
      const { rehearsal, client } = deps;
      const { token } = await client.createKey("gate-large");
      const body = randomBytes(4_000_000);
      const headers = { "content-type": "application/octet-stream" };
      const post = () => fetch(`${rehearsal.url}/${token}/`, { method: "POST", body: new Uint8Array(body), headers });
      // A busy machine may answer 503, as to any box.
      await expect.poll(async () => (await post()).status).toBe(200);
      const { records } = (await (await client.get("/v1/quarantine?box=gate-large")).json()) as {
        records: { id: string }[];
      };
      const { bodyLink } = (await (await client.get(`/v1/quarantine/${records[0]?.id}`)).json()) as {
        bodyLink: { url: string };
      };
      const read = await fetch(bodyLink.url);
      const kept = Buffer.from(await read.arrayBuffer());
      expect([read.status, kept.length]).toEqual([200, body.length]);
      expect(kept.equals(body)).toBe(true);
      expect(rehearsal.refused).toEqual([]);
    });

    it("answers whether it is well, and 404 for an event that it does not have", async () => {
      expect((await fetch(`${deps.rehearsal.url}/healthz`)).status).toBe(200);
      expect((await deps.client.get("/v1/events/evt_00000000000000000000000000")).status).toBe(404);
    });

    it("logs the client's address behind the console, and ignores forged ones", async () => {
      const { rehearsal, client } = deps;
      const made = await client.post("/v1/keys", { scope: "read" });
      const { token, id } = (await made.json()) as { token: string; id: string };
      const signIns = async () => {
        const { entries } = (await (await client.get("/v1/audit")).json()) as { entries: Entry[] };
        return entries.filter(({ action, by }) => action === "signed-in" && by.key === id);
      };
      await signIn(rehearsal.console, token);
      expect(await signIns()).toHaveLength(1);
      await signIn(rehearsal.url, token);
      expect(await signIns()).toHaveLength(1);
      await signIn(rehearsal.url, token, { "x-gatepost-viewer": "192.0.2.7", "x-gatepost-edge": "guessed" });
      await signIn(rehearsal.console, token, { "x-gatepost-viewer": "192.0.2.7" });
      expect(await signIns()).toHaveLength(1);
    });

    it("has passkeys at the address of the console, and says so there", async () => {
      const { console, url } = deps.rehearsal;
      const at = console.replace("127.0.0.1", "localhost");
      const waysAt = async (address: string) => (await fetch(`${address}/v1/sign-in`)).json();
      expect(await waysAt(at)).toMatchObject({ passkeys: true, passkeysAt: at.replace("http:", "https:") });
      expect(await waysAt(url)).toMatchObject({ passkeys: false, passkeysAt: null });
    });

    it("only the API can write rows of keys", async () => {
      const { operator } = deps.rehearsal;
      const names = recorded(readGraph(folderOf("test")), "lambda/function:Function").map(({ name }) => name);
      const writes = async (name: string, pk: string) => {
        const credentials = { accessKeyId: name, secretAccessKey: "rehearsal" };
        const client = new DynamoDBClient({ region: operator.region, credentials, endpoint: operator.dynamo });
        const Key = { pk: { S: pk } };
        const answer = client.send(new DeleteItemCommand({ TableName: operator.table, Key }));
        return answer
          .then(() => "written")
          .catch(({ name }: Error) => name)
          .finally(() => client.destroy());
      };
      const outcomes = names.map(async (name) => [
        name.split("-")[2],
        await writes(name, "key_x"),
        await writes(name, "qrt_x"),
      ]);
      const found = await Promise.all(outcomes);
      const keys = found.map(([name, key]) => [name, key]);
      expect(keys).toEqual(keys.map(([name]) => [name, name === "ApiFunction" ? "written" : "AccessDeniedException"]));
      // That is not so because they may write nothing: what receives reports drops records of a full quarantine.
      const dropping = found.filter(([, , record]) => record === "written").map(([name]) => name);
      expect(dropping).toEqual(expect.arrayContaining(["HistoryEventFunction", "ErasureSweepFunction", "ApiFunction"]));
      expect(dropping).not.toContain("CheckHeardFunction");
    });
  });

  it(
    "a role without its function's permissions is detected",
    async () => {
      const deps = await started((graph) => mayNot(graph, "HistoryEventRole", "dynamodb:UpdateItem"));
      try {
        expect((await deps.box.postOnce("/HistoryEvent", history())).status).toBe(503);
        const denied = deps.rehearsal.refused.map(({ who, action }) => [
          who.replace(/^gatepost-test-(\w+)-\w+$/, "$1"),
          action,
        ]);
        expect(denied).toContainEqual(["HistoryEventFunction", "dynamodb:UpdateItem"]);
      } finally {
        await deps.stop();
      }
    },
    synthTimeoutMs,
  );
});

/** A graph in which a role lacks an action. */
function mayNot(text: string, role: string, action: string): string {
  const graph: Graph = JSON.parse(text);
  for (const { name, inputs } of graph.resources) {
    if (name !== role) continue;
    for (const input of inputs["inlinePolicies"] as { policy: string }[]) {
      const { Statement, ...document } = JSON.parse(input.policy) as {
        Statement: { Effect: string; Action: string[] }[];
      };
      const left = Statement.map((one) => ({ ...one, Action: one.Action.filter((allowed) => allowed !== action) }));
      input.policy = JSON.stringify({ ...document, Statement: left });
    }
  }
  return JSON.stringify(graph);
}

interface Entry {
  action: string;
  by: { key?: string };
}

/** Signs in from an address that is not the one of the distribution. */
async function signIn(url: string, token: string, headers: Record<string, string> = {}): Promise<void> {
  const sent = { localAddress: "127.0.0.2", headers: { ...headers, authorization: `Bearer ${token}` } };
  const asked = request(`${url}/v1/me`, sent).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  await once(answer, "end");
  expect(answer.statusCode).toBe(200);
}

function erase({ url, admin }: Rehearsal, path: string): Promise<Response> {
  return fetch(url + path, { method: "DELETE", headers: { authorization: `Bearer ${admin}` } });
}

/** Stores a job as the API does, ten minutes ago, and sends no message for it. */
async function storeForgottenJob({ operator }: Rehearsal): Promise<string> {
  const { region, credentials, dynamo, table } = operator;
  const client = new DynamoDBClient({ region, credentials, endpoint: dynamo });
  const [id, createdAt] = [`job_${randomBytes(12).toString("hex")}`, Date.now() - 600_000];
  const job = {
    id,
    step: 0,
    by: "key_a",
    state: "waiting",
    asked: { kind: "replay" },
    progress: null,
    done: 0,
    of: 0,
    createdAt,
    startedAt: null,
    endedAt: null,
    result: null,
    reason: null,
  };
  const row = { pk: { S: `job ${id}` }, step: { N: "0" }, job: { S: JSON.stringify(job) } };
  const listed = { byTime: { S: "jobs" }, at: { S: `${createdAt} ${id}` }, ttl: { N: String(2 * createdAt) } };
  await client.send(new PutItemCommand({ TableName: table, Item: { ...row, ...listed } }));
  return id;
}

/** Has two minutes pass for what erasures have left to be done. */
async function letErasuresBeDue({ operator }: Rehearsal): Promise<void> {
  const { region, credentials, dynamo, table } = operator;
  const client = new DynamoDBClient({ region, credentials, endpoint: dynamo });
  const range = { index: "byTime", hash: "erasures", from: "0", to: "~", order: "ascending", limit: 100 } as const;
  const { keys } = await new Dynamo(client, table, patient.read).keys(range, undefined);
  for (const { pk } of keys) {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: String(pk) } },
        UpdateExpression: "SET #at = :at",
        ExpressionAttributeNames: { "#at": "at" },
        ExpressionAttributeValues: { ":at": { S: `${String(Date.now() - 120_000).padStart(13, "0")} due` } },
      }),
    );
  }
  client.destroy();
}

/** Makes an action appear pending for two minutes, by its place in the list of pending ones. */
async function letPass({ operator }: Rehearsal, eventId: string): Promise<void> {
  const { region, credentials, dynamo, table } = operator;
  const client = new DynamoDBClient({ region, credentials, endpoint: dynamo });
  const before = String(Date.now() - 120_000).padStart(13, "0");
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: eventId } },
      UpdateExpression: "SET t_1002 = :place",
      ExpressionAttributeValues: { ":place": { S: `${before} act_${eventId.slice("evt_".length)}_1002` } },
    }),
  );
  client.destroy();
}
