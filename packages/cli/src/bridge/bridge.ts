import type { BridgeStatus } from "@gatepost/bridge";
import { plural } from "@gatepost/protocol";
import type { Command } from "commander";
import { print, table } from "../output.ts";
import { plain } from "../plain.ts";
import { startBridgeOf, statusOfBridge } from "./process.ts";
import { addRefusedCommands } from "./refused.ts";

function onFile(command: Command): Command {
  return command.option("--config <file>", "its YAML file; see docs/bridge.md", "gatepost-bridge.yaml");
}

export function addBridgeCommands(program: Command): void {
  const bridge = program
    .command("bridge")
    .description("on the LAN of the boxes: collect their events, and deliver them");
  onFile(bridge.command("run"))
    .description("follow SE5s, receive reports of SE3s, and deliver all events, until SIGTERM or SIGINT")
    .action(startBridgeOf);
  onFile(bridge.command("status"))
    .description("show connections and waiting reports")
    .option("--json", "print one JSON document")
    .action(status);
  addRefusedCommands(bridge, onFile);
}

const titles = [
  "BOX",
  "CONNECTED",
  "LAST POST",
  "WAITING",
  "BYTES",
  "OLDEST",
  "SENT",
  "REFUSED",
  "ASIDE",
  "DROPPED",
  "LAST ERROR",
];

async function status({ config, ...options }: { config: string; json?: true }): Promise<void> {
  const found = await statusOfBridge(config);
  const rows = found.boxes.map((box) => [
    box.box,
    box.connected === null ? "-" : box.connected ? "yes" : "no",
    instant(box.posted),
    box.waiting,
    box.bytes,
    instant(box.oldest),
    box.sent,
    box.refused,
    box.aside,
    box["dropped-age"] + box["dropped-space"] + box["dropped-aside"],
    box.lastError,
  ]);
  const notes = [
    ...(found.boxes.some(({ aside }) => aside > 0)
      ? ["`gatepost bridge refused list` shows reports that were put aside."]
      : []),
    ...(found.acting === null ? [] : [actingInWords(found.acting)]),
    ...(found.unadmitted === null ? [] : [unadmittedInWords(found.unadmitted)]),
  ];
  const stands = found.running ? "" : "The bridge does not run here; this is its spool.\n";
  print(found, () => stands + [table(titles, rows), ...notes].join("\n"), options);
}

function actingInWords({ mode, waiting, lastError, keyProblem, damage }: NonNullable<BridgeStatus["acting"]>): string {
  const failing = lastError === null ? "" : ` Last error: ${lastError}`;
  const others = [keyProblem, damage].filter((one) => one !== null).map((one) => `\n${one}`);
  return plain(
    `Acting on boxes (${mode}): ${plural(waiting, "order waits", "orders wait")}.${failing}${others.join("")}`,
  );
}

function unadmittedInWords({ times, at, from }: NonNullable<BridgeStatus["unadmitted"]>): string {
  return plain(`Refused at the relay without a key of the file: ${times}, the last from ${from} at ${instant(at)}.`);
}

function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
