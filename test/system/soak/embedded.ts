import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@gatepost/simulator";
import { freePort } from "../../standins/listen.ts";
import { Client } from "../../support/client.ts";
import { Outages } from "./outages.ts";
import { ServerProgram } from "./processes.ts";
import type { Runtime } from "./runtime.ts";
import { openSubscriber, type SoakSubscriber } from "./subscriber.ts";
import type { Troubles } from "./troubles.ts";

/** The server as a process on a new folder, with a subscriber to all actions. */
export async function openEmbedded(): Promise<Runtime> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "gatepost-soak-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const subscriber = await openSubscriber();
  opened.defer(() => subscriber.close());
  const server = new ServerProgram(join(folder, "data"), await freePort());
  await server.start();
  opened.defer(() => server.stop());
  await writeFile(join(folder, "data", "rules.json"), rulesTo(subscriber.url));
  const outages = new Outages(systemClock.now);
  const running = opened.move();
  return {
    url: `http://127.0.0.1:${server.port}`,
    pause: 250,
    scale: 0.25,
    calm: 2500,
    outages,
    delays: new Outages(systemClock.now),
    troubles: troublesOf(server, subscriber, outages),
    heard: () => subscriber.heard,
    client: () => new Client(server.running),
    held: async () => null,
    notes: () => ({}),
    close: () => running.disposeAsync(),
  };
}

function troublesOf(server: ServerProgram, subscriber: SoakSubscriber, outages: Outages): Troubles {
  return {
    "server killed": (pause) =>
      outages.during(async () => {
        await server.kill();
        await pause(1500);
        await server.start();
      }),
    /** No file may grow: to the server the same as a disk without room. */
    "disk full": (pause) =>
      outages.during(async () => {
        server.running.setFileSizeLimit(1);
        await pause(1500);
        server.running.setFileSizeLimit("unlimited");
      }),
    async "subscriber away"(pause) {
      subscriber.isAway = true;
      await pause(3000);
      subscriber.isAway = false;
    },
  };
}

function rulesTo(url: string): string {
  // The subscriber counts actions. A box that falls silent in a long soak is none.
  const pattern = { source: ["gatepost"], detail: { idempotency_key: [{ exists: true }] } };
  return JSON.stringify([{ name: "soak", pattern, target: { url, allowPrivate: true } }]);
}
