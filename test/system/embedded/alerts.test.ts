import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { everyChannel } from "../../standins/channels/every.ts";
import { Box, Client } from "../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";
import { jpeg } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";

const base = "https://gate.example";

/** A report of a person who passed a moment ago; the box requests a photo. */
function passing(n: number) {
  const who = { identity_id: `p${n}`, identity_name: `人 ${n}`, timestamp: Date.now() };
  return history({ ...who, want_action: "1002" }, { recognize_face: jpeg(`face ${n}`).toString("base64") });
}

it("an alert is sent once over each channel, with its picture, despite a kill", async () => {
  const folder = await temporaryFolder();
  const channels = Object.fromEntries(
    await Promise.all(Object.entries(everyChannel).map(async ([name, open]) => [name, await open(Date.now)] as const)),
  );
  const all = Object.values(channels);
  let server: GatepostProcess | null = null;
  onTestFinished(async () => {
    await server?.kill();
    for (const channel of all) await channel.close();
    await folder.remove();
  });
  const rules = Object.entries(channels).map(([name, { target, secrets }]) => ({
    name,
    pattern: { detail: { want_action: ["1002"] } },
    target: { ...target, ...secrets, allowPrivate: true },
  }));
  await writeFile(join(folder.path, "rules.json"), JSON.stringify(rules));
  const start = () => startGatepost(folder.path, ["--public-url", base]);
  const arrived = () => Object.entries(channels).map(([name, channel]) => [name, channel.arrived().length]);
  const each = (count: number) => Object.keys(channels).map((name) => [name, count]);

  server = await start();
  const box = new Box(server.url, (await new Client(server).createKey("gate-1")).token);
  for (const channel of all) channel.breakDown();
  expect((await box.post("/HistoryEvent", passing(1))).status).toBe(200);
  await server.kill();
  server = await start();
  for (const channel of all) channel.mend();
  await expect.poll(arrived).toEqual(each(1));
  for (const { text, picture } of all.flatMap((channel) => channel.arrived())) {
    expect(text).toContain("底库照片待更新：人 1");
    const link = /\/v1\/pictures\/[\w-]+/.exec(text)?.[0] ?? "";
    const shown = picture ?? Buffer.from(await (await fetch(`${server.url}${link}`)).arrayBuffer());
    expect(shown.equals(jpeg("face 1"))).toBe(true);
  }

  await expect.poll(async () => deliveriesOf(server)).toEqual(Array(rules.length).fill("delivered"));
  await server.stop();
  server = await start();
  // This alert is sent behind any that would be repeated.
  const again = new Box(server.url, (await new Client(server).createKey("gate-2")).token);
  expect((await again.post("/HistoryEvent", passing(2))).status).toBe(200);
  await expect.poll(async () => (await deliveriesOf(server)).length).toBe(2 * rules.length);
  for (const channel of all) {
    const texts = channel.arrived().map(({ text }) => text);
    expect(texts.filter((text) => text.includes("人 1"))).toHaveLength(1);
  }
});

/** The outcomes of all ended announcements. */
async function deliveriesOf(server: GatepostProcess | null): Promise<string[]> {
  if (server === null) throw new Error("it does not run");
  const answer = await new Client(server).get("/v1/actions?with=deliveries");
  const { actions } = (await answer.json()) as { actions: { deliveries: { state: string }[] }[] };
  return actions
    .flatMap(({ deliveries }) => deliveries.map(({ state }) => state))
    .filter((state) => state !== "waiting");
}
