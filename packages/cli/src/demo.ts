import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BoxKind, Fleet, type FleetBox, systemClock, Tally } from "@gatepost/simulator";
import { type Api, withApi } from "./client.ts";
import { endSignal, unlessEnded } from "./end.ts";
import { createKey } from "./keys.ts";
import { findRunning } from "./running.ts";
import { runFleet } from "./simulation.ts";
import { start } from "./start.ts";
import { printKeys } from "./welcome.ts";

/** A small office: its boxes, and where each stands. */
const office: readonly (readonly [name: string, kind: BoxKind])[] = [
  ["front-door", "se3"],
  ["garage", "se3"],
  ["head-office", "platform-b"],
];
const perSecond = 2;
/** ms between two strangers who are to be registered; the first comes soon. */
const strangerEvery = 60_000;
const firstStranger = 3000;
const legend = `accepted: answered as stored
repeated: sent again because no answer came; nothing is stored twice
lost: a real-time report that was not answered within 0.5 s. Boxes never send these again; the history report of the
  same passing brings it all the same. Many of them mean that this machine is busy.
waiting: not accepted yet, to be sent again`;
const maxBody = 64 * 1024 * 1024;

/** A server in a temporary folder, and boxes that report to it, until asked to end. Nothing stays. */
export async function runDemo({ port, for: seconds }: { port: number; for?: number }): Promise<void> {
  const ended = endSignal();
  const data = await mkdtemp(join(tmpdir(), "gatepost-demo-"));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(data, { recursive: true, force: true }));
  const server = await start({ data, port, host: "127.0.0.1", maxBody }, printKeys);
  opened.defer(() => server.stop());
  process.stdout.write(`${server.lines.join("\n")}\n`);
  const url = (await findRunning(data))?.url ?? "";
  const boxes = await unlessEnded(
    withApi({ data }, (api) => officeBoxes(api, url)),
    ended,
  );
  const tally = new Tally();
  const fleet = await Fleet.open({
    seed: Math.floor(systemClock.now() / 1000),
    boxes,
    rate: perSecond,
    version: "V2R4",
    encoding: "json",
    inBatches: false,
    faults: {},
    watch: tally.watch,
    clock: systemClock,
  });
  const strangers = [
    setTimeout(() => fleet.stranger(), firstStranger),
    setInterval(() => fleet.stranger(), strangerEvery),
  ];
  opened.defer(() => strangers.forEach(clearTimeout));
  process.stdout.write(`${legend}\n`);
  await runFleet(fleet, () => tally.line(), { seconds, ended });
}

async function officeBoxes(api: Api, url: string): Promise<FleetBox[]> {
  const boxes: FleetBox[] = [];
  for (const [name, kind] of office) {
    const { token } = await createKey(api, { scope: "ingest", box: name });
    boxes.push({ name, kind, url: new URL(`${url}/${token}`) });
  }
  return boxes;
}
