import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BridgeConfig, type BridgeStatus, bridgeStatus, readConfig, runBridge, Spool } from "@gatepost/bridge";
import { localAddress, urlOf } from "./urls.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.resolve("@gatepost/bridge")));
/** What comes and goes stays small: a bridge moves large bodies and keeps none of them. */
const flags = ["--max-semi-space-size=1"];

/** Runs the bridge of a YAML file until the process is asked to end. */
export async function startBridgeOf({ config: file }: { config: string }): Promise<void> {
  const config = readConfig(file);
  if (process.platform === "win32" || process.execve === undefined) {
    await runBridge(config);
  } else {
    becomeBridge(process.execve, { file, folder: config.spool.folder });
  }
}

/**
 * Becomes a process that has loaded nothing but the bridge. Reading TypeScript takes 30 MB that never come back: a first
 * process takes them, and leaves what it read in a cache that is the owner's alone.
 */
function becomeBridge(execve: NonNullable<typeof process.execve>, { file, folder }: { file: string; folder: string }) {
  const cache = resolve(folder, "compiled");
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  spawnSync(process.execPath, [...flags, main], { env, stdio: "ignore" });
  execve(process.execPath, [process.execPath, ...flags, main, file], env);
}

/** How the bridge is: from itself where it runs, else from its spool. */
export async function statusOfBridge(file: string): Promise<BridgeStatus> {
  const config = readConfig(file);
  return (await askRunning(config)) ?? fromSpool(config);
}

async function askRunning({ metrics: { host, port } }: BridgeConfig): Promise<BridgeStatus | null> {
  try {
    const response = await fetch(`${urlOf(localAddress(host), port)}/status`, { signal: AbortSignal.timeout(2000) });
    return bridgeStatus.parse(await response.json());
  } catch {
    return null;
  }
}

async function fromSpool({ boxes, spool: { folder, max_bytes: maxBytes, max_age: maxAge } }: BridgeConfig) {
  const file = join(folder, "spool.db");
  if (!existsSync(file)) return { running: false, boxes: [] };
  const spool = new Spool(file, { maxBytes, maxAge }, Date.now);
  const standing = boxes.map(({ name }) => ({
    ...spool.counts.of(name),
    connected: null,
    lastError: spool.counts.lastRefusal(name),
  }));
  await spool.close();
  return { running: false, boxes: standing };
}
