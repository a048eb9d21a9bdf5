import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { refused, spoolIn } from "../../runtime/bridge/support.ts";
import { seeded, seedOfRun } from "../../support/seeded.ts";
import { temporary, until } from "../../unit/simulator/support.ts";

const sendAgain = fileURLToPath(new URL("./send-again.ts", import.meta.url));
const text = (report: { body: Uint8Array } | null) => report && Buffer.from(report.body).toString();

it("every report is in exactly one place after a resend is killed at any moment", async () => {
  const folder = await temporary();
  const bodies = Array.from({ length: 300 }, (_, index) => `${index}`);
  const { spool } = await refused(folder, ...bodies);
  await spool.close();
  const random = seeded(seedOfRun("side list"));
  for (let kills = 0; kills < 5; kills++) {
    const child = spawn(process.execPath, [sendAgain, folder], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    let begun = 0;
    child.stdout.on("data", (data: Buffer) => (begun += data.toString().split("\n").length - 1));
    const enough = 2 + random() * 20;
    // On a busy machine it may have finished before the test looks.
    await until(() => begun >= enough || child.exitCode !== null);
    child.kill("SIGKILL");
    await exited;
  }
  const after = await spoolIn(folder);
  const { waiting, aside } = after.counts.of("gate-1");
  expect(waiting + aside).toBe(300);
  expect(waiting).toBeGreaterThan(0);
  expect(aside).toBeGreaterThan(0);
  const found: (string | null)[] = after.deadLetters.list().map(({ id }) => text(after.deadLetters.find(id)));
  for (let report = after.next("gate-1"); report !== null; report = after.next("gate-1")) {
    found.push(text(report));
    await after.settle(report, []);
  }
  expect(found.sort()).toEqual(bodies.sort());
});
