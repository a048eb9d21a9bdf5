import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderOf } from "../../../scripts/synth/graph.ts";
import { WecomRobot } from "../../standins/channels/wecom.ts";
import { Box, Client } from "../../support/client.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { synth, synthTimeoutMs } from "../infra/stages.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { type Copy, copyOf, rehearseHere, whereRehearsable } from "./started.ts";

const rules = [
  {
    name: "updates",
    pattern: { source: ["gatepost"], detail: { want_action: ["1002"] } },
    target: { type: "wecom", allowPrivate: true },
  },
];

whereRehearsable(() => {
  describe("a deployment with alerts", () => {
    let copy: Copy;
    let robot: WecomRobot;
    let rehearsal: Rehearsal;
    beforeAll(async () => {
      robot = await new WecomRobot(() => Date.now()).listen();
      // The folder is kept for the next run.
      const synthesised = folderOf("test-alerts");
      await synth(["--stage", "test", "--out", synthesised], { GATEPOST_ALERTS: JSON.stringify(rules) });
      copy = await copyOf(synthesised);
      // What `sst secret set` would have put there.
      const file = join(copy.folder, "graph.json");
      const secrets = JSON.stringify(JSON.stringify({ updates: { url: robot.url } }));
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
      await expect.poll(() => rehearsal.live.left).toBe(0);
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
  });
});
