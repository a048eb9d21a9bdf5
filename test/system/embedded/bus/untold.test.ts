import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../../support/client.ts";
import { bin } from "../../../support/command.ts";
import { startGatepost } from "../../../support/gatepost-process.ts";
import { history } from "../../../support/reports.ts";
import { Subscriber } from "../../../support/subscriber.ts";

const args = ["--allow-private-targets"];
const people = Array.from({ length: 30 }, (_, number) => `person ${number}`);

it("a later rule gets all waiting actions, in order, over a kill", async () => {
  const folder = await temporaryFolder();
  let running = await startGatepost(folder.path, args);
  const hook = await Subscriber.listen();
  try {
    const box = new Box(running.url, (await new Client(running).createKey("gate-1")).token);
    for (const identity_id of people) {
      await box.post("/HistoryEvent", history({ identity_id, timestamp: Date.now(), want_action: "1002" }));
    }
    const status = async () =>
      (await promisify(execFile)(process.execPath, [bin, "status", "--data", folder.path])).stdout;
    expect(await status()).toContain("untold      30: no one is told, until a rule matches");
    const pattern = { source: ["gatepost"], detail: { want_action: ["1002"] } };
    await writeFile(
      join(folder.path, "rules.json"),
      JSON.stringify([{ name: "photos", pattern, target: { url: hook.url } }]),
    );
    await expect.poll(() => hook.delivered.length).toBeGreaterThan(0);
    await running.kill();
    running = await startGatepost(folder.path, args);
    const asked = () => [...new Set(hook.envelopes.map(({ detail }) => detail.event.person.id))];
    await expect.poll(asked).toEqual(people);
    expect(hook.envelopes.every(({ detail }) => detail["late"] === true)).toBe(true);
    await expect.poll(status).not.toContain("untold");
  } finally {
    await running.stop();
    await hook.close();
    await folder.remove();
  }
});
