import { jsonLog } from "@gatepost/http";
import { startBridge } from "./bridge.ts";
import { systemClock } from "./clock.ts";
import type { BridgeConfig } from "./config/schema.ts";

/** Runs a bridge until the process is asked to end. Says in a line on stdout when it is ready, and logs to stderr. */
export async function runBridge(config: BridgeConfig): Promise<void> {
  // Before anything is printed: whoever waits for the line may end it in the same moment.
  const asked = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  });
  const bridge = await startBridge({ config, clock: systemClock, random: Math.random, log: jsonLog() });
  const relay = bridge.relayPort === null ? "" : `, relay on port ${bridge.relayPort}`;
  process.stdout.write(`bridging${relay}, metrics on port ${bridge.metricsPort}\n`);
  await asked;
  await bridge.stop();
}
