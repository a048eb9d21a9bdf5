import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Album,
  Faults,
  type Passing,
  Platform,
  Se3,
  Se5,
  Site,
  seededFor,
  systemClock,
  type Version,
  type Watcher,
} from "@gatepost/simulator";
import * as z from "zod";
import { Client } from "../support/client.ts";
import { Outages } from "./outages.ts";
import { bridgeProgram, freePort, ServerProgram } from "./processes.ts";

/** What the soak drives of a box, whatever kind it is. */
export interface SoakBox {
  name: string;
  site: Site;
  /** What must be up for its real-time reports to arrive. */
  through: readonly Outages[];
  box: { readonly waiting: number; passes(passing: Passing): void; run(signal: AbortSignal): Promise<void> };
}

/** Everything between the boxes and whoever is announced to, as processes that can be killed. */
export interface World {
  server: ServerProgram;
  serverOutages: Outages;
  bridge: ReturnType<typeof bridgeProgram>;
  bridgeOutages: Outages;
  boxes: readonly SoakBox[];
  se5s: readonly Se5[];
  subscriber: Subscriber;
  /** Reports that wait in the bridge. */
  spooled(): Promise<number>;
  close(): Promise<void>;
}

/** Who has a rule for all actions, and sometimes does not answer. */
export interface Subscriber {
  /** Idempotency keys, with how often each came. */
  heard: ReadonlyMap<string, number>;
  isAway: boolean;
}

const kinds = ["V2R4", "V5R3", "V5R6", "V6", "relay", "platform-a", "platform-b", "se5", "se5-v6"] as const;

/** Starts a server, a bridge, a subscriber, and a box of every kind. */
export async function openWorld(seed: number, watch: Watcher): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "gatepost-soak-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const { subscriber, url: subscriberUrl, close } = await openSubscriber();
  opened.defer(close);
  const server = new ServerProgram(join(folder, "data"), await freePort());
  await server.start();
  opened.defer(() => server.stop());
  await writeFile(join(folder, "data", "rules.json"), rulesTo(subscriberUrl));
  const client = new Client(server.running);
  const tokens: Record<string, string> = {};
  for (const kind of kinds) tokens[kind] = (await client.createKey(kind)).token;
  const [serverOutages, bridgeOutages] = [new Outages(systemClock.now), new Outages(systemClock.now)];
  const [relayPort, metricsPort] = [await freePort(), await freePort()];
  const urlOf = (name: string) => `http://127.0.0.1:${name === "relay" ? relayPort : server.port}/${tokens[name]}`;
  const through = (name: string) => (name === "relay" ? [bridgeOutages] : [serverOutages]);
  const album = await Album.draw(seed, { looks: 2, scale: 0.25 });
  const boxes = await openBoxes({ seed, album, watch, urlOf, through });
  const se5s = boxes.flatMap(({ box }) => (box instanceof Se5 ? [box] : []));
  for (const se5 of se5s) opened.defer(() => se5.close());
  const config = join(folder, "bridge.yaml");
  await writeFile(config, bridgeFile({ port: server.port, relayPort, metricsPort, folder, tokens, boxes }));
  const bridge = bridgeProgram(config);
  await bridge.start();
  opened.defer(() => bridge.stop());
  const running = opened.move();
  return {
    server,
    serverOutages,
    bridge,
    bridgeOutages,
    boxes,
    se5s,
    subscriber,
    spooled: () => spooledIn(metricsPort),
    close: () => running.disposeAsync(),
  };
}

interface Making {
  seed: number;
  album: Album;
  watch: Watcher;
  urlOf(name: string): string;
  through(name: string): Outages[];
}

async function openBoxes(making: Making): Promise<SoakBox[]> {
  const boxes: SoakBox[] = [];
  for (const name of kinds) boxes.push(await openBox(name, making));
  return boxes;
}

async function openBox(name: (typeof kinds)[number], { seed, album, watch, urlOf, through }: Making): Promise<SoakBox> {
  const clock = systemClock;
  // What tells of the present is not repeated: there only the failures of the account may lose anything.
  const chances = name.startsWith("platform") ? { cut: 0.05, duplicate: 0.05, slow: 0.05 } : { duplicate: 0.05 };
  const faults = new Faults(chances, seededFor(seed, `faults ${name}`));
  const site = new Site({ seed, box: name, devices: 2, strangers: 0.3, actions: 0.5, faults, clock });
  const common = { album, faults, watch, clock };
  const made = { name, site, through: through(name) };
  if (name === "platform-a" || name === "platform-b") {
    const url = new URL(`${urlOf(name)}/PassRecord`);
    return { ...made, box: new Platform(name === "platform-a" ? "A" : "B", url, common) };
  }
  if (name === "se5" || name === "se5-v6") {
    const at = { host: "127.0.0.1", livePort: 0, apiPort: 0, devices: site.devices, memoryFile: null };
    return {
      ...made,
      box: await Se5.open({ ...common, ...at, version: name === "se5" ? "V5R6" : "V6", splitsFrames: true }),
    };
  }
  const version: Version = name === "relay" ? "V2R4" : name;
  const box = new Se3({ ...common, version, inBatches: name === "relay" });
  box.settings.realtimeUrls = [new URL(`${urlOf(name)}/RealTimeEvent`)];
  box.settings.historyUrls = [new URL(`${urlOf(name)}/HistoryEvent`)];
  return { ...made, box };
}

function bridgeFile({
  port,
  relayPort,
  metricsPort,
  folder,
  tokens,
  boxes,
}: {
  port: number;
  relayPort: number;
  metricsPort: number;
  folder: string;
  tokens: Record<string, string>;
  boxes: readonly SoakBox[];
}): string {
  const bridged = boxes.flatMap(({ name, box }) => {
    if (name === "relay") return [{ name, token: tokens[name] }];
    const se5 = box instanceof Se5 ? { host: "127.0.0.1", live_port: box.live.port, api_port: box.apiPort } : null;
    return se5 === null ? [] : [{ name, token: tokens[name], se5 }];
  });
  // JSON is YAML.
  return JSON.stringify({
    cloud: { url: `http://127.0.0.1:${port}` },
    spool: { folder: join(folder, "spool") },
    relay: { listen: `127.0.0.1:${relayPort}` },
    metrics: `127.0.0.1:${metricsPort}`,
    boxes: bridged,
  });
}

function rulesTo(url: string): string {
  return JSON.stringify([{ name: "soak", pattern: { source: ["gatepost"] }, target: { url, allowPrivate: true } }]);
}

const envelope = z.object({ detail: z.object({ idempotency_key: z.string() }) });

async function openSubscriber() {
  const heard = new Map<string, number>();
  const subscriber = { heard, isAway: false };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (!subscriber.isAway) {
      const key = envelope.parse(JSON.parse(Buffer.concat(chunks).toString())).detail.idempotency_key;
      heard.set(key, (heard.get(key) ?? 0) + 1);
    }
    response.writeHead(subscriber.isAway ? 500 : 200);
    response.end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { subscriber, url: `http://127.0.0.1:${port}/`, close };
}

const standing = z.object({ boxes: z.array(z.object({ waiting: z.number() })) });

async function spooledIn(port: number): Promise<number> {
  const { boxes } = standing.parse(await (await fetch(`http://127.0.0.1:${port}/status`)).json());
  return boxes.reduce((sum, { waiting }) => sum + waiting, 0);
}
