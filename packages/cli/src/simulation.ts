import {
  type BoxKind,
  type FaultChances,
  Fleet,
  type FleetBox,
  systemClock,
  Tally,
  type Version,
} from "@gatepost/simulator";
import { type Api, nothing, withApi } from "./client.ts";
import { endAsked } from "./end.ts";
import { Failure, WrongUsage } from "./failure.ts";
import { createKey } from "./keys.ts";
import { liveLine } from "./live-line.ts";

export interface SimulationOptions {
  to: string;
  token?: string;
  boxes: number;
  rate: number;
  kind: BoxKind;
  dialect: Version;
  formData?: true;
  batch?: true;
  fault: FaultChances;
  seed?: number;
  for?: number;
}

/** ms in which what is waiting is still delivered at the end. */
const lastUploads = 10_000;
const seeds = 2 ** 31;

/** Simulates boxes until asked to end, and says what became of what they sent. */
export async function runSimulation({ seed = Math.floor(Math.random() * seeds), ...options }: SimulationOptions) {
  if (!URL.canParse(options.to)) throw new WrongUsage("--to must be as http://127.0.0.1:9528/gpi_…");
  if (options.token === undefined) {
    const boxes = boxesOf(options, () => options.to);
    await checkKey(options.to);
    return simulate(boxes, { ...options, seed });
  }
  if (options.boxes === 0) throw new WrongUsage("--boxes must be 1 at least");
  await withApi({ data: "", url: options.to, token: options.token }, async (api) => {
    const keys = await keysFor(api, options.boxes);
    try {
      await simulate(
        boxesOf(options, (index) => `${options.to.replace(/\/+$/, "")}/${keys[index]?.token}`),
        { ...options, seed },
      );
    } finally {
      for (const { id } of keys) await api.ask("DELETE /v1/keys/{id}", { path: { id }, answer: nothing });
    }
  });
}

/** Asks as a person does who tries the URL in a browser. Throws Failure where its key is refused. */
async function checkKey(to: string): Promise<void> {
  const url = `${to.replace(/\/+$/, "")}/HistoryEvent`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(lastUploads) }).catch(() => null);
  const advice = "make one with `gatepost keys create --scope ingest --box NAME`, or give an admin key with --token";
  if (answer?.status === 401) throw new Failure(`401: no live key of a box is in --to; ${advice}`);
  if (answer?.status === 403) throw new Failure(`403: the key in --to is of another scope than ingest; ${advice}`);
}

async function keysFor(api: Api, boxes: number) {
  const keys = [];
  for (let index = 0; index < boxes; index++) keys.push(await createKey(api, { scope: "ingest", box: nameOf(index) }));
  return keys;
}

const nameOf = (index: number) => `simulated-${index + 1}`;

function boxesOf({ boxes, kind, token }: SimulationOptions, urlOf: (index: number) => string): FleetBox[] {
  if (token === undefined && boxes > 1)
    throw new WrongUsage("each box needs a key of its own: give an admin key with --token");
  return Array.from({ length: boxes }, (_, index) => ({ name: nameOf(index), kind, url: new URL(urlOf(index)) }));
}

async function simulate(boxes: FleetBox[], options: Omit<SimulationOptions, "seed"> & { seed: number }): Promise<void> {
  const { seed, rate, dialect, formData, batch, fault } = options;
  process.stdout.write(`--seed ${seed}\n`);
  const tally = new Tally();
  const fleet = await Fleet.open({
    seed,
    boxes,
    rate,
    version: dialect,
    encoding: formData === true ? "form-data" : "json",
    inBatches: batch === true,
    faults: fault,
    watch: tally.watch,
    clock: systemClock,
  });
  for (const { name, box } of fleet.se5s) {
    process.stdout.write(`${name}: ws://127.0.0.1:${box.live.port}, http://127.0.0.1:${box.apiPort}\n`);
  }
  await runFleet(fleet, () => tally.line(), options.for);
}

/** Runs boxes with a live line under them until asked to end, or for some seconds. */
export async function runFleet(fleet: Fleet, line: () => string, seconds: number | undefined): Promise<void> {
  const [passing, uploading] = [new AbortController(), new AbortController()];
  void endAsked().then(() => passing.abort());
  const timer = seconds === undefined ? undefined : setTimeout(() => passing.abort(), seconds * 1000);
  const live = liveLine(() => `${line()}  waiting ${fleet.waiting}`);
  const running = fleet.run({ passing: passing.signal, uploading: uploading.signal });
  await aborted(passing.signal);
  clearTimeout(timer);
  const deadline = performance.now() + lastUploads;
  while (fleet.waiting > 0 && performance.now() < deadline) await systemClock.sleep(100, uploading.signal);
  uploading.abort();
  await running;
  await fleet.close();
  live.end();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
}
