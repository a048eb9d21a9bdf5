import { type Random, systemClock } from "@gatepost/simulator";
import type { World } from "./world.ts";

/** What can happen to a world; each mends what it did before it resolves. */
const troubles: Record<string, (world: World, pause: (most: number) => Promise<void>) => Promise<void>> = {
  async "server killed"({ server, serverOutages }, pause) {
    serverOutages.begin();
    await server.kill();
    await pause(1500);
    await server.start();
    serverOutages.end();
  },
  async "bridge killed"({ bridge, bridgeOutages }, pause) {
    bridgeOutages.begin();
    await bridge.kill();
    await pause(1500);
    await bridge.start();
    bridgeOutages.end();
  },
  /** No file may grow: to the server the same as a disk without room. */
  async "disk full"({ server, serverOutages }, pause) {
    serverOutages.begin();
    server.running.setFileSizeLimit(1);
    await pause(1500);
    server.running.setFileSizeLimit("unlimited");
    serverOutages.end();
  },
  async "subscriber away"({ subscriber }, pause) {
    subscriber.isAway = true;
    await pause(3000);
    subscriber.isAway = false;
  },
  async "SE5 connections cut"({ se5s }) {
    for (const se5 of se5s) se5.live.cut();
  },
};

/** Lets things go wrong one after the other until the signal aborts; says how often each did. */
export async function makeTrouble(world: World, random: Random, signal: AbortSignal): Promise<Record<string, number>> {
  const names = Object.keys(troubles);
  const counts = Object.fromEntries(names.map((name) => [name, 0]));
  const never = new AbortController().signal;
  const pause = (most: number) => systemClock.sleep(100 + random() * most, never);
  while (!signal.aborted) {
    await systemClock.sleep(300 + random() * 2500, signal);
    if (signal.aborted) break;
    const name = names[Math.floor(random() * names.length)] ?? "";
    await troubles[name]?.(world, pause);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
