import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRuntime } from "@gatepost/embedded";
import { smallReport } from "./body.ts";
import { fill, firstPages, storeOver } from "./first-page.ts";
import { quiet } from "./log.ts";
import { deliver, pathOf, startGatepost } from "./peer.ts";
import { spread } from "./ratio.ts";

const events = 1_000_000;
const rounds = 9;
/** Rounds that are not counted: until then the compiler is still at work. */
const warmUps = 2;
/** As many as the log of the database takes several times: whether it is copied in a round or not would count otherwise. */
const load = { make: smallReport, count: 3000, connections: 64 };

const cache = pathOf("../node_modules/.cache/gatepost-bench");
/** A data folder with 10^6 events, which is made once: its first pages are the same in each run. */
const prepared = join(cache, "million");
/** The same at first; each run adds its reports to it. */
export const growing = join(cache, "million.growing");

export const notPrepared = `SKIPPED ${events} events: make them with npm run bench -- prepare`;

/** Makes the data folder of 10^6 events, unless it exists. It takes some ten minutes. */
export async function prepare(count = events): Promise<string> {
  const madeNow = await make(prepared, async (folder) => {
    const runtime = await openRuntime({ data: folder, log: quiet });
    await fill(runtime, count);
    await runtime.close();
  });
  await make(growing, (folder) => cp(prepared, folder, { recursive: true }));
  return madeNow ? `${prepared} has ${count} events` : `${prepared} is there`;
}

/** Makes a folder whole or not at all; false if it is there. */
async function make(folder: string, fillIt: (unfinished: string) => Promise<void>): Promise<boolean> {
  if (existsSync(folder)) return false;
  await mkdir(cache, { recursive: true });
  const unfinished = `${folder}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await fillIt(unfinished);
  await rename(unfinished, folder);
  return true;
}

/** The rate of reports, and the first pages of every filter, with 10^6 events ÷ with an empty store. */
export async function millionEvents(): Promise<string> {
  if (!existsSync(growing)) return notPrepared;
  const lines = [await rates()];
  const full = await storeOver(prepared);
  try {
    for await (const line of firstPages(full)) lines.push(line);
  } finally {
    await full.close();
  }
  return lines.join("\n");
}

async function rates(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const [full, empty] = [await startGatepost(growing), await startGatepost(data)];
  try {
    const [rate, cpu]: [number[], number[]] = [[], []];
    for (let round = -warmUps; round < rounds; round++) {
      const [one, other] = [await deliver(full, load), await deliver(empty, load)];
      if (round < 0) continue;
      rate.push(one.rate / other.rate);
      cpu.push(one.cpu / other.cpu);
    }
    return `2 KB with ${events} events ÷ empty: reports/s ${spread(rate)}, CPU a report ${spread(cpu)}`;
  } finally {
    for (const peer of [full, empty]) await peer.end();
    await rm(data, { recursive: true });
  }
}

if (import.meta.main) process.stdout.write(`${await millionEvents()}\n`);
