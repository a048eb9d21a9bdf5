import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BoxKind, Fleet, type FleetBox, systemClock, Tally } from "@gatepost/simulator";
import { type Api, withApi } from "../client.ts";
import { endSignal, unlessEnded } from "../failure.ts";
import { printKeys, start, usualMaxBody } from "../runtime/start.ts";
import { addressOf, keyOfSimulated, runFleet } from "./simulation.ts";

/** A running server of a demo. */
interface DemoServer {
  /** A temporary folder, which goes with the demo. */
  folder: string;
  /** The data folder, in the temporary one. */
  data: string;
  url: string;
}

/**
 * Starts a server in a temporary folder and prints its lines. It ends, and nothing stays, when `opened` is disposed.
 */
export async function startDemoServer(port: number, opened: AsyncDisposableStack): Promise<DemoServer> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-demo-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, "data");
  const server = await start({ data, port, host: "127.0.0.1", maxBody: usualMaxBody }, printKeys);
  opened.defer(() => server.stop());
  process.stdout.write(`${server.lines.join("\n")}\n`);
  return { folder, data, url: server.url };
}

/** A small office: its boxes, by place. */
const office: readonly (readonly [name: string, kind: BoxKind])[] = [
  ["front-door", "se3"],
  ["garage", "se3"],
  ["head-office", "platform-b"],
  ["warehouse", "hikvision"],
  ["car-park", "dahua"],
  ["canteen", "uniview"],
  ["workshop", "zkteco"],
];
/** Passings a second, all boxes together. */
const rate = 2;
/** ms between two strangers to register; the first one passes soon. */
const strangerEveryMs = 60_000;
const firstStrangerMs = 3000;
const legend = `accepted: answered as stored
repeated: sent again because no answer was received; nothing is stored twice
lost: a real-time report that was not answered within 0.5 s. Boxes never send these again; the history report of the
  same passing brings it all the same. Many of them mean that this machine is busy.
waiting: not accepted yet, to be sent again`;

/** A server in a temporary folder, and boxes that report to it, until asked to end. Nothing stays. */
export async function runDemo({ port, for: seconds }: { port: number; for?: number }): Promise<void> {
  const ended = endSignal();
  await using opened = new AsyncDisposableStack();
  const { data, url } = await startDemoServer(port, opened);
  const boxes = await unlessEnded(
    withApi({ data }, (api) => officeBoxes(api, url)),
    ended,
  );
  const tally = new Tally();
  const fleet = await Fleet.open({
    seed: Math.floor(systemClock.now() / 1000),
    boxes,
    rate,
    version: "V2R4",
    encoding: "json",
    inBatches: false,
    faults: {},
    watch: tally.watch,
    clock: systemClock,
  });
  const strangers = [
    setTimeout(() => fleet.stranger(), firstStrangerMs),
    setInterval(() => fleet.stranger(), strangerEveryMs),
  ];
  opened.defer(() => strangers.forEach(clearTimeout));
  process.stdout.write(`${legend}\n`);
  await runFleet(fleet, () => tally.line(), { seconds, ended });
}

async function officeBoxes(api: Api, url: string): Promise<FleetBox[]> {
  const boxes: FleetBox[] = [];
  for (const [name, kind] of office) {
    const { token } = await keyOfSimulated(api, name, kind);
    boxes.push({ name, kind, url: new URL(addressOf(url, kind, token)) });
  }
  return boxes;
}
