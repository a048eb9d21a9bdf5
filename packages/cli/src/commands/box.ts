import type { Command } from "commander";
import { setUpBox } from "../box.ts";
import { onApi, seconds } from "../options.ts";

export function addBoxCommands(program: Command): void {
  const box = program.command("box").description("set boxes up");
  onApi(box.command("setup"))
    .argument("<address>", "where the box is, as 192.168.1.80")
    .description("make a key for a box, write its URLs into it, and wait for its first report")
    .requiredOption("--name <name>", "what the box is to be called")
    .option("--via <url>", "where the box is to post instead, as to a bridge: http://192.168.1.5:9528")
    .option("--wait <seconds>", "how long to wait for the first report", seconds, 120)
    .action(setUpBox);
}
