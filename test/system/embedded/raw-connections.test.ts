import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { isLong, seeded, seedOfRun } from "../../support/seeded.ts";
import { dataFolder, serveProcess } from "../cli/support.ts";
import { rawPieces } from "./raw-bytes.ts";

const connections = isLong ? 40_000 : 1000;
const atOnce = 50;
/** ms after which a connection is given up that the server leaves open: it waits for more. */
const idleMs = 100;

/** Sends random pieces over one connection, and leaves it in one of several ways. */
async function visit(port: number, random: () => number): Promise<void> {
  const pieces = rawPieces(random);
  const [leaving, reading, pausing] = [random(), random(), random()];
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
  socket.setTimeout(idleMs, () => socket.destroy());
  // Some never read the answer.
  if (reading < 0.8) socket.resume();
  for (const piece of pieces) {
    socket.write(piece);
    if (pausing < 0.5) await sleep(pausing * 40);
  }
  if (leaving < 0.2) socket.end();
  else if (leaving < 0.4) socket.destroy();
  else if (leaving < 0.6) socket.resetAndDestroy();
  await closed;
}

it("a server survives any bytes on its connections, and still stops", async () => {
  const random = seeded(seedOfRun("raw connections"));
  const server = await serveProcess(await dataFolder(), "--open");
  const port = Number(new URL(server.url).port);
  for (let made = 0; made < connections; made += atOnce)
    await Promise.all(Array.from({ length: atOnce }, () => visit(port, random)));
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  const { code, stderr } = await server.stop();
  expect([code, stderr.split("\n").filter((line) => line.includes('"level":"error"'))]).toEqual([0, []]);
});
