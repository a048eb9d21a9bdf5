import { jsonLog, onShutdownSignal } from "@gatepost/http";
import { type RunningBridge, startBridge } from "./bridge.ts";
import { systemClock as clock } from "./clock.ts";
import { ConfigFile } from "./config/file.ts";
import { ConfigError } from "./config/read.ts";

/** ms between two checks of the file. */
const lookEveryMs = 2000;
const log = jsonLog();

/**
 * Runs the bridge with a YAML file until the process is asked to end. Prints one line on stdout when it is ready, and
 * logs to stderr. Throws ConfigError if the file is invalid at the start. If it becomes invalid later, that is logged,
 * and the bridge continues with the last valid one.
 */
export async function runBridge(name: string): Promise<void> {
  const ended = new AbortController();
  // Before anything is printed: a program that waits for the line may send the signal at once.
  onShutdownSignal(() => ended.abort());
  const file = new ConfigFile(name);
  const bridge = await startBridge({ config: file.read(), clock, random: Math.random, log });
  const relay = bridge.relayPort === null ? "" : `, relay on port ${bridge.relayPort}`;
  process.stdout.write(`bridging${relay}, metrics on port ${bridge.metricsPort}\n`);
  while (!ended.signal.aborted) {
    await clock.sleep(lookEveryMs, ended.signal);
    await follow(file, bridge);
  }
  await bridge.stop();
}

async function follow(file: ConfigFile, bridge: RunningBridge): Promise<void> {
  try {
    const config = file.changed();
    if (config === null) return;
    await bridge.change(config);
    log.info("file read again", { boxes: config.boxes.length });
  } catch (error) {
    const why = error instanceof ConfigError ? { reason: error.message } : { cause: error };
    log.error("could not use the changed configuration, keeping the last valid one", why);
  }
}
