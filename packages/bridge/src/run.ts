import { jsonLog } from "@gatepost/http";
import { type RunningBridge, startBridge } from "./bridge.ts";
import { systemClock as clock } from "./clock.ts";
import { ConfigFile } from "./config/file.ts";
import { ConfigError } from "./config/read.ts";

/** ms between two looks at the file. */
const lookEvery = 2000;
const log = jsonLog();

/**
 * Runs the bridge with a YAML file until the process is asked to end. Prints one line on stdout when it is ready, and
 * logs to stderr. Throws ConfigError where the file is not valid at the start; a file that becomes invalid later is
 * logged, and the bridge goes on with the one before.
 */
export async function runBridge(name: string): Promise<void> {
  const ended = new AbortController();
  // This comes before anything is printed: a program that waits for the line may send the signal at once.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => ended.abort());
  const file = new ConfigFile(name);
  const bridge = await startBridge({ config: file.read(), clock, random: Math.random, log });
  const relay = bridge.relayPort === null ? "" : `, relay on port ${bridge.relayPort}`;
  process.stdout.write(`bridging${relay}, metrics on port ${bridge.metricsPort}\n`);
  while (!ended.signal.aborted) {
    await clock.sleep(lookEvery, ended.signal);
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
    log.error("the file cannot be used, going on as before", why);
  }
}
