import {
  type BoxKind,
  type FaultChances,
  Fleet,
  type FleetBox,
  serialOf,
  systemClock,
  Tally,
  type Version,
} from "@gatepost/simulator";
import { type Api, withApi } from "../client.ts";
import { endSignal, Failure, Interrupted, sayWhy, WrongUsage } from "../failure.ts";
import { createKey, type NewKey } from "../keys/created.ts";
import { notReached } from "../remote.ts";

const terminalMs = 500;
const elsewhereMs = 5000;

/** A line that is rewritten on a terminal; elsewhere a new line every 5 s. */
function liveLine(text: () => string): { end(): void } {
  const isTerminal = process.stdout.isTTY === true;
  const show = () => void process.stdout.write(isTerminal ? `\r\x1b[2K${text()}` : `${text()}\n`);
  const timer = setInterval(show, isTerminal ? terminalMs : elsewhereMs);
  return {
    end() {
      clearInterval(timer);
      show();
      if (isTerminal) process.stdout.write("\n");
    },
  };
}

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
  once?: true;
}

/** ms at the end in which waiting reports are still delivered. */
const lastUploadsMs = 10_000;
const seeds = 2 ** 31;

/** Simulates boxes until asked to end, and says what became of what they sent. */
export async function runSimulation({ seed = Math.floor(Math.random() * seeds), ...options }: SimulationOptions) {
  const { to, boxes } = options;
  if (!/^https?:\/\/[^/]/i.test(to) || !URL.canParse(to))
    throw new WrongUsage("--to must be as http://127.0.0.1:9528/gpi_…");
  if (boxes === 0) throw new WrongUsage("--boxes must be 1 at least");
  if (options.once === true) checkOnce(options);
  const ended = endSignal();
  const token = adminKeyOf(options);
  if (token === null) {
    if (boxes > 1) throw new WrongUsage("each box needs its own key: give an admin key with --token");
    const fleet = boxesOf(options, () => to);
    await checkKey(to);
    return simulate(fleet, { ...options, seed, ended });
  }
  await withApi({ data: "", url: to, token }, async (api) => {
    const keys: NewKey[] = [];
    try {
      while (keys.length < boxes && !ended.aborted) {
        keys.push(await keyOfSimulated(api, nameOf(keys.length), options.kind));
      }
      if (ended.aborted) throw new Interrupted();
      await simulate(
        boxesOf(options, (index) => addressOf(to.replace(/\/+$/, ""), options.kind, keys[index]?.token ?? "")),
        { ...options, seed, ended },
      );
    } finally {
      await revokeAll(keys, api);
    }
  });
}

/** Makes the key of a simulated box. A terminal of ZKTeco delivers by its serial. */
export function keyOfSimulated(api: Api, box: string, kind: BoxKind): Promise<NewKey> {
  return createKey(api, { scope: "ingest", box, ...(kind === "zkteco" ? { serials: [serialOf(box)] } : {}) });
}

/** The address to which a simulated box delivers. */
export function addressOf(base: string, kind: BoxKind, token: string): string {
  return kind === "zkteco" ? base : `${base}/${token}`;
}

function checkOnce({ boxes, kind, for: seconds }: Omit<SimulationOptions, "seed">): void {
  if (boxes > 1 || seconds !== undefined)
    throw new WrongUsage("--once is one passing at one box: leave --boxes and --for out");
  if (kind === "se5") throw new WrongUsage("--once is for boxes that post: an SE5 waits for a bridge");
}

/** Revokes all keys, also after a failure. Throws Failure that names the keys that are still valid. */
async function revokeAll(keys: readonly NewKey[], api: Api): Promise<void> {
  const failures: string[] = [];
  for (const { id } of keys) {
    try {
      await api.ask("DELETE /v1/keys/{id}", { path: { id } });
    } catch (error) {
      failures.push(`${id}: ${sayWhy(error)}`);
    }
  }
  if (failures.length > 0) throw new Failure(`keys that were made are not revoked: ${failures.join("; ")}`);
}

/** Null if the key of a box is in the URL, even if the environment has one, or if no admin key was given. */
function adminKeyOf({ to, token }: SimulationOptions): string | null {
  return token === undefined || token === "" || /\/gpi_/.test(to) ? null : token;
}

/** Checks the key in the URL with a GET. Throws Failure if it is refused. */
async function checkKey(to: string): Promise<void> {
  const url = `${to.replace(/\/+$/, "")}/HistoryEvent`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(lastUploadsMs) }).catch((error: unknown) => {
    // Boxes continue to send until a server answers, and so does the simulation.
    process.stderr.write(`! ${notReached(new URL(to).origin, error).why.message}\n`);
    return null;
  });
  const advice = "make one with `gatepost keys create --scope ingest --box NAME`, or give an admin key with --token";
  if (answer?.status === 401) throw new Failure(`401: no live key of a box is in --to; ${advice}`);
  if (answer?.status === 403) throw new Failure(`403: the key in --to is of another scope than ingest; ${advice}`);
}

const nameOf = (index: number) => `simulated-${index + 1}`;

function boxesOf({ boxes, kind }: SimulationOptions, urlOf: (index: number) => string): FleetBox[] {
  return Array.from({ length: boxes }, (_, index) => ({ name: nameOf(index), kind, url: new URL(urlOf(index)) }));
}

type Simulated = Omit<SimulationOptions, "seed"> & { seed: number; ended: AbortSignal };

async function simulate(boxes: FleetBox[], options: Simulated): Promise<void> {
  const { seed, rate, dialect, formData, batch, fault, ended } = options;
  if (options.once !== true) process.stdout.write(`--seed ${seed}\n`);
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
  if (options.once === true) await passOnce(fleet, ended);
  else await runFleet(fleet, () => tally.line(), { seconds: options.for, ended });
}

/** Sends the reports of one passing. Throws Failure if its history report is not accepted within 10 s. */
async function passOnce(fleet: Fleet, ended: AbortSignal): Promise<void> {
  const uploading = new AbortController();
  const running = fleet.run({ passing: AbortSignal.abort(), uploading: uploading.signal });
  const name = fleet.known();
  await uploaded(fleet, ended);
  const { waiting } = fleet;
  uploading.abort();
  await running;
  await fleet.close();
  if (ended.aborted) throw new Interrupted();
  if (waiting > 0) throw new Failure("the report was not accepted within 10 s: see what the server logs");
  process.stdout.write(`${name} passed just now\n`);
}

/** Waits until no report waits, for 10 s, or until the signal aborts. */
async function uploaded(fleet: Fleet, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + lastUploadsMs;
  while (fleet.waiting > 0 && performance.now() < deadline && !signal.aborted) await systemClock.sleep(100, signal);
}

interface Until {
  seconds: number | undefined;
  ended: AbortSignal;
}

/** Runs boxes with a live line, until the process is asked to end or for some seconds. */
export async function runFleet(fleet: Fleet, line: () => string, { seconds, ended }: Until): Promise<void> {
  const [over, uploading] = [new AbortController(), new AbortController()];
  const passing = AbortSignal.any([ended, over.signal]);
  const timer = seconds === undefined ? undefined : setTimeout(() => over.abort(), seconds * 1000);
  const live = liveLine(() => `${line()}  waiting ${fleet.waiting}`);
  const running = fleet.run({ passing, uploading: uploading.signal });
  await aborted(passing);
  clearTimeout(timer);
  await uploaded(fleet, uploading.signal);
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
