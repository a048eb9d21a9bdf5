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
import { Failure, sayWhy } from "../failure.ts";
import { localAddress, urlOf } from "../urls.ts";
import { hasSpool, openSpool } from "./spool.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.resolve("@gatepost/bridge")));
/**
 * Flags for little memory, not speed: a bridge forwards large bodies and computes almost nothing. Without the
 * optimising compilers it needs 20 MB less.
 */
const flags = ["--max-semi-space-size=1", "--no-opt", "--no-maglev"];

/** ms within which a running bridge answers with its status. */
const timeoutMs = 2000;

/** Runs the bridge of a YAML file until the process is asked to end. */
export async function startBridgeOf({ config: file }: { config: string }): Promise<void> {
  const { folder } = readConfig(file).spool;
  if (process.platform === "win32" || process.execve === undefined) await runBridge(file);
  else becomeBridge(process.execve, { file, folder });
}

/**
 * Replaces this process by one that has loaded only the bridge. Compiling TypeScript takes 30 MB that are never freed,
 * so another process does it first, and leaves the result in a cache that only the owner can read.
 */
function becomeBridge(execve: NonNullable<typeof process.execve>, { file, folder }: { file: string; folder: string }) {
  const cache = resolve(folder, "compiled");
  makeFolder(cache);
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  spawnSync(process.execPath, [...flags, main], { env, stdio: "ignore" });
  execve(process.execPath, [process.execPath, ...flags, main, file], env);
}

/** The status of the bridge: from the bridge itself if it runs, else from its spool. */
export async function statusOfBridge(file: string): Promise<BridgeStatus> {
  const config = readConfig(file);
  return (await statusOfRunning(config)) ?? fromSpool(config);
}

/** Null if none runs. Throws Failure if another program answers. */
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

/** The address at which a running bridge gives its status. */
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

/** What a bridge that does not run still has to do on boxes. */
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
