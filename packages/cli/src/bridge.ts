import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type BridgeConfig,
  type BridgeStatus,
  bridgeStatus,
  leftBehind,
  makeFolder,
  readConfig,
  runBridge,
  waitingOrders,
} from "@gatepost/bridge";
import { Failure, sayWhy } from "./failure.ts";
import { hasSpool, openSpool } from "./spool.ts";
import { localAddress, urlOf } from "./urls.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.resolve("@gatepost/bridge")));
/**
 * For little memory rather than speed: a bridge moves large bodies and keeps none of them, and computes next to nothing.
 * Without the optimising compilers it is 20 MB smaller.
 */
const flags = ["--max-semi-space-size=1", "--no-opt", "--no-maglev"];

/** ms in which a running bridge has surely answered with its status. */
const timeoutMs = 2000;

/** Runs the bridge of a YAML file until the process is asked to end. */
export async function startBridgeOf({ config: file }: { config: string }): Promise<void> {
  const { folder } = readConfig(file).spool;
  if (process.platform === "win32" || process.execve === undefined) await runBridge(file);
  else becomeBridge(process.execve, { file, folder });
}

/**
 * Becomes a process that has loaded nothing but the bridge. Reading TypeScript takes 30 MB that never come back: a first
 * process takes them, and leaves what it read in a cache that is the owner's alone.
 */
function becomeBridge(execve: NonNullable<typeof process.execve>, { file, folder }: { file: string; folder: string }) {
  const cache = resolve(folder, "compiled");
  makeFolder(cache);
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  spawnSync(process.execPath, [...flags, main], { env, stdio: "ignore" });
  execve(process.execPath, [process.execPath, ...flags, main, file], env);
}

/** How the bridge is: from itself where it runs, else from its spool. */
export async function statusOfBridge(file: string): Promise<BridgeStatus> {
  const config = readConfig(file);
  return (await statusOfRunning(config)) ?? fromSpool(config);
}

/** Null where none runs. Throws Failure where something else answers. */
export async function statusOfRunning(config: BridgeConfig): Promise<BridgeStatus | null> {
  const url = statusUrlOf(config);
  const response = await fetch(`${url}/status`, { signal: AbortSignal.timeout(timeoutMs) }).catch(() => null);
  if (response === null) return null;
  const status = bridgeStatus.safeParse(await response.json().catch(() => null));
  if (status.success) return status.data;
  throw new Failure(
    `what answers at ${url} is no bridge of this version; restart it, or change \`metrics\` in the file`,
  );
}

/** Where a running bridge tells how it is. */
export function statusUrlOf({ metrics: { host, port } }: BridgeConfig): string {
  return urlOf(localAddress(host), port);
}

async function fromSpool(config: BridgeConfig): Promise<BridgeStatus> {
  const stands = { running: false, unadmitted: null, acting: actingOf(config) };
  if (!hasSpool(config)) return { ...stands, boxes: [] };
  const spool = openSpool(config);
  try {
    const names = config.boxes.map(({ name }) => name);
    const boxes = names.map((name) => ({
      ...spool.counts.of(name),
      connected: null,
      posted: null,
      lastError: spool.counts.lastRefusal(name),
    }));
    return { ...stands, boxes: [...boxes, ...leftBehind(spool, names)] };
  } finally {
    await spool.close();
  }
}

/** What a bridge that does not run has left to do on boxes. */
function actingOf({ acting, spool: { folder } }: BridgeConfig): BridgeStatus["acting"] {
  if (acting === undefined) return null;
  try {
    return { mode: acting.mode, waiting: waitingOrders(folder), lastError: null, keyProblem: null, damage: null };
  } catch (error) {
    throw new Failure(`cannot read the orders in ${resolve(folder, "acting", "orders.db")}: ${sayWhy(error)}`, {
      cause: error,
    });
  }
}
