import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";
import { jpeg, sha256 } from "../../support/pictures.ts";
import { history, noon, stranger } from "../../support/reports.ts";
import { isLong, seeded, seedOfRun } from "../../support/seeded.ts";

const kills = isLong ? 20 : 3;
const senders = 8;
/** Reports that are still in flight, or were, when the process died are sent again, as a box does. */
const repeats = 3;

interface Passing {
  body: JsonObject;
  scene: string;
  isAcknowledged: boolean;
}

/** A unique passing, with pictures of 20 to 120 KB that no other has. */
function passing(number: number, random: () => number): Passing {
  const grown = (name: string) =>
    Buffer.concat([jpeg(`${name} ${number}`), Buffer.alloc(20_000 + random() * 100_000, number)]);
  const [scene, face] = [grown("scene"), grown("face")];
  const pictures = { spot_pic: scene.toString("base64"), recognize_face: face.toString("base64") };
  const facts = { timestamp: noon + number * 1000, want_action: number % 2 === 0 ? "1001" : "0" };
  const isStranger = number % 2 === 0;
  return {
    body: isStranger ? stranger(facts, pictures) : history(facts, pictures),
    scene: sha256(scene),
    isAcknowledged: false,
  };
}

it(`kill -9 under load, ${kills} times, loses and repeats no acknowledged report`, {
  timeout: 600_000,
}, async () => {
  const random = seeded(seedOfRun("kill"));
  const folder = await temporaryFolder();
  const passings: Passing[] = [];
  let token = "";
  let inFlight = 0;
  let killsInFlight = 0;

  const send = async (box: Box, next: Passing) => {
    inFlight += 1;
    try {
      next.isAcknowledged ||= (await box.post("/HistoryEvent", next.body)).status === 200;
    } finally {
      inFlight -= 1;
    }
  };
  const sendUntilKilled = async (server: GatepostProcess) => {
    const box = new Box(server.url, token);
    const unacknowledged = passings.filter(({ isAcknowledged }) => !isAcknowledged);
    try {
      for (;;) {
        const next = unacknowledged.pop() ?? passing(passings.length, random);
        if (!passings.includes(next)) passings.push(next);
        for (let i = 0; i < 1 + Math.floor(random() * repeats); i++) await send(box, next);
      }
    } catch (error) {
      // The connection ends with the process.
      if (!(error instanceof TypeError)) throw error;
    }
  };

  for (let kill = 0; kill < kills; kill++) {
    const server = await startGatepost(folder.path);
    if (token === "") token = (await new Client(server).createKey("gate-1")).token;
    const before = passings.filter(({ isAcknowledged }) => isAcknowledged).length;
    const loads = Array.from({ length: senders }, () => sendUntilKilled(server));
    await expect.poll(() => passings.filter(({ isAcknowledged }) => isAcknowledged).length).toBeGreaterThan(before + 1);
    await sleep(random() * 700);
    if (inFlight > 0) killsInFlight += 1;
    await server.kill();
    await Promise.all(loads);
  }

  const server = await startGatepost(folder.path);
  const client = new Client(server);
  const events = await client.events();
  const scenes = events.map((event) => event.pictures.scene?.sha256);
  const acknowledged = passings.filter(({ isAcknowledged }) => isAcknowledged);
  const seen = new Set(scenes);
  expect(
    acknowledged.filter(({ scene }) => !seen.has(scene)),
    "acknowledged, and lost",
  ).toEqual([]);
  expect(seen.size, "none twice").toBe(events.length);
  for (const event of events) {
    expect(Object.keys(event.pictures).sort(), "none half").toEqual(["face", "scene"]);
    expect(sha256(await client.picture(event, "scene"))).toBe(event.pictures.scene?.sha256);
    expect(sha256(await client.picture(event, "face"))).toBe(event.pictures.face?.sha256);
    expect(event.actions.map(({ wantAction }) => wantAction)).toEqual(event.wantAction === "1001" ? ["1001"] : []);
  }
  process.stdout.write(
    `kill: ${kills} kills, ${killsInFlight} in flight, ${acknowledged.length} acknowledged, ${events.length} stored\n`,
  );
  expect(acknowledged.length).toBeGreaterThan(kills);
  expect(killsInFlight * 2).toBeGreaterThanOrEqual(kills);
  await server.stop();
  await folder.remove();
});
