import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Memory } from "../../../packages/simulator/src/se5/memory.ts";
import { yamlOf } from "../../runtime/bridge/support.ts";
import { freePort } from "../../standins/listen.ts";
import { Client } from "../../support/client.ts";
import { isLong, seeded, seedOfRun } from "../../support/seeded.ts";
import { atEnd, temporary, until } from "../../unit/simulator/support.ts";
import { bridgeProgram, ServerProgram, se5Program } from "../soak/processes.ts";

const killsOfEach = isLong ? 10 : 1;

it(`every SE5 event is stored once after ${killsOfEach} random kills of each process`, {
  timeout: 900_000,
}, async () => {
  const random = seeded(seedOfRun("bridge kill"));
  const folder = await temporary();
  const [port, livePort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const memory = join(folder, "memory.jsonl");
  const server = new ServerProgram(join(folder, "data"), port);
  await server.start();
  atEnd(() => server.stop());
  const { token } = await new Client(server.running).createKey("lobby");
  const config = join(folder, "bridge.yaml");
  const boxes = { lobby: `host: 127.0.0.1, live_port: ${livePort}, api_port: ${apiPort}` };
  const cloud = `http://127.0.0.1:${port}`;
  writeFileSync(config, yamlOf({ cloud, folder: join(folder, "spool"), boxes, token: () => token }));
  const se5 = se5Program("lobby", { memory, livePort, apiPort });
  const bridge = bridgeProgram(config);
  for (const program of [se5, bridge]) {
    await program.start();
    atEnd(() => program.kill());
  }

  const victims = Array.from({ length: killsOfEach }, () => [server, bridge, se5]).flat();
  while (victims.length > 0) {
    await sleep(300 + random() * 1500);
    const [victim] = victims.splice(Math.floor(random() * victims.length), 1);
    await victim?.kill();
    await sleep(random() * 500);
    await victim?.start();
  }

  await sleep(500);
  se5.signal();
  const seen = () => new Memory(memory).all();
  const events = () => new Client(server.running).events();
  await until(async () => {
    await sleep(500);
    return (await events()).length >= seen().length;
  });
  // Duplicates would arrive late.
  await sleep(6000);
  const stored = await events();
  const saw = seen();
  const isOf = ({ at, person, device }: (typeof saw)[number], event: (typeof stored)[number]) =>
    Math.abs(event.timestamp - at) <= 1 &&
    event.device.ip === device.ip &&
    (event.person.type === "stranger" ? person.type === 4 : event.person.id === person.id);
  const copies = saw.map((passing) => stored.filter((event) => isOf(passing, event)).length);
  process.stdout.write(`bridge kill: ${3 * killsOfEach} kills, ${saw.length} seen, ${stored.length} stored\n`);
  expect(
    copies.filter((count) => count === 0),
    "lost",
  ).toEqual([]);
  expect(
    copies.filter((count) => count > 1),
    "doubled",
  ).toEqual([]);
  expect(stored).toHaveLength(saw.length);
});
