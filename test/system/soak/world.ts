import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Album, Se5, serialOf, systemClock, TerminalBox, terminalMakes, type Watcher } from "@gatepost/simulator";
import * as z from "zod";
import { freePort } from "../../standins/listen.ts";
import type { Client } from "../../support/client.ts";
import { kinds, openBoxes, type SoakBox, zone } from "./boxes.ts";
import { Outages } from "./outages.ts";
import { bridgeProgram } from "./processes.ts";
import type { Runtime } from "./runtime.ts";
import type { Troubles } from "./troubles.ts";

/** Everything that delivers to a runtime: a bridge as a process that can be killed, and a box of every kind. */
export interface World {
  boxes: readonly SoakBox[];
  troubles: Troubles;
  /** Reports that wait in the bridge. */
  spooled(): Promise<number>;
  close(): Promise<void>;
}

/** Starts the boxes, and the bridge that some of them need. */
export async function openWorld(
  runtime: Runtime,
  { seed, album, watch }: { seed: number; album: Album; watch: Watcher },
): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "gatepost-soak-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const tokens: Record<string, string> = {};
  for (const kind of kinds) tokens[kind] = await keyOf(kind, runtime.client());
  for (const make of terminalMakes) await inTries(() => runtime.client().setZone(make, zone.name));
  const outages = new Outages(systemClock.now);
  const [relayPort, metricsPort] = [await freePort(), await freePort()];
  const relay = `http://127.0.0.1:${relayPort}`;
  const boxes = await openBoxes({
    seed,
    album,
    watch,
    urlOf: (name) => (name === "zkteco" ? runtime.url : `${name === "relay" ? relay : runtime.url}/${tokens[name]}`),
    through: (name) => (name === "relay" ? outages : runtime.outages),
  });
  const se5s = boxes.flatMap(({ box }) => (box instanceof Se5 ? [box] : []));
  for (const se5 of se5s) opened.defer(() => se5.close());
  const config = join(folder, "bridge.yaml");
  await writeFile(config, bridgeFile({ cloud: runtime.url, relayPort, metricsPort, folder, tokens, boxes }));
  const bridge = bridgeProgram(config);
  await bridge.start();
  opened.defer(() => bridge.stop());
  const running = opened.move();
  return {
    boxes,
    troubles: {
      "bridge killed": (pause) =>
        outages.during(async () => {
          await bridge.kill();
          await pause(1500);
          await bridge.start();
        }),
      async "SE5 connections cut"() {
        for (const se5 of se5s) se5.live.cut();
      },
      async "terminals restarted"(pause) {
        for (const { box } of boxes) {
          if (!(box instanceof TerminalBox)) continue;
          box.restart();
          await pause(500);
        }
      },
    },
    spooled: () => spooledIn(metricsPort),
    close: () => running.disposeAsync(),
  };
}

/** Tries of one request, which fails while a function that has just begun has no processor. */
const tries = 10;

async function keyOf(box: string, client: Client): Promise<string> {
  const { token } = await inTries(() => client.createKey(box, box === "zkteco" ? [serialOf(box)] : undefined));
  return token;
}

async function inTries<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let left = tries; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

interface Bridging {
  cloud: string;
  relayPort: number;
  metricsPort: number;
  folder: string;
  tokens: Record<string, string>;
  boxes: readonly SoakBox[];
}

function bridgeFile({ cloud, relayPort, metricsPort, folder, tokens, boxes }: Bridging): string {
  const bridged = boxes.flatMap(({ name, box }) => {
    if (name === "relay") return [{ name, token: tokens[name] }];
    const se5 = box instanceof Se5 ? { host: "127.0.0.1", live_port: box.live.port, api_port: box.apiPort } : null;
    return se5 === null ? [] : [{ name, token: tokens[name], se5 }];
  });
  // JSON is YAML.
  return JSON.stringify({
    cloud: { url: cloud },
    spool: { folder: join(folder, "spool") },
    relay: { listen: `127.0.0.1:${relayPort}` },
    metrics: `127.0.0.1:${metricsPort}`,
    boxes: bridged,
  });
}

const standing = z.object({ boxes: z.array(z.object({ waiting: z.number() })) });

async function spooledIn(port: number): Promise<number> {
  const { boxes } = standing.parse(await (await fetch(`http://127.0.0.1:${port}/status`)).json());
  return boxes.reduce((sum, { waiting }) => sum + waiting, 0);
}
