import { readFile, writeFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { openAccounts } from "@gatepost/core/accounts";
import { dayMs } from "@gatepost/protocol";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { DynamoItems } from "../../../packages/aws/src/dynamo/items.ts";
import { folderOf } from "../../../scripts/synth/graph.ts";
import { patient } from "../../standins/aws.ts";
import { SmtpServer } from "../../standins/channels/smtp.ts";
import { WecomRobot } from "../../standins/channels/wecom.ts";
import { codeAt } from "../../support/app-codes.ts";
import { Box, Client } from "../../support/client.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { addAccount } from "../../unit/api/people.ts";
import { addCode, join, Person } from "../blackbox/person.ts";
import { synth, synthTimeoutMs } from "../infra/stages.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { type Copy, copyOf, rehearseHere, whereRehearsable } from "./started.ts";

const rules = [
  {
    name: "updates",
    pattern: { source: ["gatepost"], detail: { want_action: ["1002"] } },
    target: { type: "wecom", allowPrivate: true },
  },
  {
    name: "mails",
    pattern: { source: ["gatepost"], "detail-type": ["Box Silent"] },
    target: { type: "email", to: "guard@example.com", allowPrivate: true },
  },
];

const log = { info: () => {}, warn: () => {}, error: () => {} };

function itemsOf({ operator: { region, credentials, dynamo: endpoint, table } }: Rehearsal): DynamoItems {
  const client = new DynamoDBClient({ region, credentials, endpoint });
  onTestFinished(() => client.destroy());
  return new DynamoItems(new Dynamo(client, table, patient.read), Date.now);
}

/** Sets that the hours of all boxes are mailed from midnight on. Returns the status. */
async function putMail({ url, admin }: Rehearsal, to: string): Promise<number> {
  const { status } = await fetch(`${url}/v1/hours/mail`, {
    method: "PUT",
    headers: { authorization: `Bearer ${admin}` },
    body: JSON.stringify({ site: "default", to: [to], at: "00:00", what: "yesterday" }),
  });
  return status;
}

whereRehearsable(() => {
  describe("a deployment with alerts", () => {
    let copy: Copy;
    let robot: WecomRobot;
    let server: SmtpServer;
    let rehearsal: Rehearsal;
    beforeAll(async () => {
      robot = await new WecomRobot(() => Date.now()).listen();
      server = await new SmtpServer().listen();
      // The folder is kept for the next run.
      const synthesised = folderOf("test-alerts");
      await synth(["--stage", "test", "--out", synthesised], { GATEPOST_ALERTS: JSON.stringify(rules) });
      copy = await copyOf(synthesised);
      // What `sst secret set` would have put there.
      const file = pathOf(copy.folder, "graph.json");
      const secrets = JSON.stringify(
        JSON.stringify({ updates: { url: robot.url }, mails: { url: server.url, secret: server.password } }),
      );
      const text = await readFile(file, "utf8");
      await writeFile(
        file,
        text.replaceAll(/("GATEPOST_ALERT_SECRETS": ?)"\{\}"/g, (_, name) => `${name}${secrets}`),
      );
      rehearsal = await rehearseHere(copy.folder);
    }, synthTimeoutMs);
    afterAll(async () => {
      await rehearsal.stop();
      await robot.close();
      await server.close();
      await copy.remove();
    });

    it("sends requests of boxes over bus and queue, and a storm as one summary", async () => {
      const client = new Client(rehearsal);
      const box = new Box(rehearsal.url, (await client.createKey("gate-1")).token);
      for (let n = 0; n < 12; n++) {
        const told = { identity_id: `p${n}`, identity_name: `人 ${n}`, timestamp: Date.now() + n };
        const body = history({ ...told, want_action: "1002" }, { recognize_face: photo(n) });
        expect((await box.post("/HistoryEvent", body)).status).toBe(200);
      }
      await expect.poll(() => rehearsal.mappings.left).toBe(0);
      // On a busy machine the twelve may take longer than a storm needs to begin.
      const atOnce = robot.texts.length;
      expect(atOnce).toBeLessThan(6);
      expect(robot.pictures).toHaveLength(atOnce);
      const schedule = rehearsal.schedules.find((name) => name.startsWith("Alert")) ?? "";
      await expect
        .poll(
          async () => {
            await rehearsal.fire(schedule);
            return robot.texts.length;
          },
          { interval: 250 },
        )
        .toBe(atOnce + 1);
      expect(robot.texts.at(-1)).toContain(`另有 ${12 - atOnce} 条提醒`);
      expect([rehearsal.refused, rehearsal.bus.lost]).toEqual([[], []]);
    });

    it("mails the hours of a site by a schedule, to whom the API was told", async () => {
      const client = new Client(rehearsal);
      const box = new Box(rehearsal.url, (await client.createKey("gate-2")).token);
      const yesterday = Date.now() - dayMs;
      const passed = history({ identity_id: "00042", identity_name: "Ada", timestamp: yesterday });
      expect((await box.post("/HistoryEvent", passed)).status).toBe(200);
      const items = itemsOf(rehearsal);
      const { accounts, sessions } = openAccounts({
        items,
        keys: { find: async () => null },
        sites: { boxesOf: async () => [] },
        log,
        clock: Date.now,
      });
      const manager = await addAccount({ deps: { accounts, sessions } }, "manager");
      expect(await putMail(rehearsal, manager)).toBe(200);
      // The first mail would be sent on the next day.
      await items.write({ pk: "hours-mail default", set: { doneOn: new Date(yesterday).toISOString().slice(0, 10) } });
      await rehearsal.fire("HoursMailScheduleSchedule");
      await rehearsal.fire("HoursMailScheduleSchedule");
      const { email } = (await accounts.get(manager)) ?? {};
      expect(server.mails.map(({ to }) => to)).toEqual([[email]]);
      expect(server.mails[0]?.data).toContain("People: 1.");
      expect(rehearsal.refused).toEqual([]);
    });

    it("tells a person by mail which key took the second factors away", async () => {
      const client = new Client(rehearsal);
      const { email, id, person } = await join(client, new Person(rehearsal.url, { isHttps: true }), { role: "guard" });
      await addCode(person, (secret) => codeAt(secret, Date.now()));
      const made = await client.post("/v1/keys", { scope: "admin", note: "Personnel office" });
      const { token: admin } = (await made.json()) as { token: string };
      expect((await new Client({ ...rehearsal, admin }).delete(`/v1/accounts/${id}/factors`)).status).toBe(204);
      await rehearsal.fire("HoursMailScheduleSchedule");
      const mails = server.mails.filter(({ to }) => to.includes(email));
      expect(mails.map(({ data }) => data)).toEqual([expect.stringContaining("Personnel office")]);
      expect(rehearsal.refused).toEqual([]);
    });
  });
});
