import type { Command } from "commander";
import { startBridgeOf, statusOfBridge } from "../bridge.ts";
import { print, table } from "../output.ts";

const file = ["--config <file>", "its YAML file; see docs/bridge.md", "gatepost-bridge.yaml"] as const;

export function addBridgeCommands(program: Command): void {
  const bridge = program.command("bridge").description("on the LAN of the boxes: take what they see, and deliver it");
  bridge
    .command("run")
    .description("follow SE5s, take what SE3s post, and deliver all of it, until SIGTERM or SIGINT")
    .option(...file)
    .action(startBridgeOf);
  bridge
    .command("status")
    .description("what is connected, and what waits")
    .option(...file)
    .option("--json", "print one JSON document")
    .action(status);
}

async function status({ config, ...options }: { config: string; json?: true }): Promise<void> {
  const found = await statusOfBridge(config);
  const titles = ["BOX", "CONNECTED", "WAITING", "BYTES", "OLDEST", "SENT", "REFUSED", "DROPPED", "LAST ERROR"];
  const rows = found.boxes.map((box) => [
    box.box,
    box.connected === null ? "-" : box.connected ? "yes" : "no",
    box.waiting,
    box.bytes,
    box.oldest === null ? null : new Date(box.oldest).toISOString(),
    box.sent,
    box.refused,
    box["dropped-age"] + box["dropped-space"],
    box.lastError,
  ]);
  const inWords = () =>
    `${found.running ? "" : "The bridge does not run here; this is its spool.\n"}${table(titles, rows)}`;
  print(found, inWords, options);
}
