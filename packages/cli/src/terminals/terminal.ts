import { settableMakes } from "@gatepost/bridge";
import { type Command, Option } from "commander";
import { onApi, seconds } from "../options.ts";
import { setUpTerminalAt } from "./set-up.ts";

export function addTerminalCommands(program: Command): void {
  const terminal = program.command("terminal").description("set terminals of other makers up");
  onApi(terminal.command("setup"))
    .argument("<address>", "the address of the terminal, as 192.168.1.64")
    .description("write the URL of a new key into a terminal, and wait for its first report")
    .addOption(new Option("--make <make>", "its maker").choices([...settableMakes, "uniview"]).makeOptionMandatory())
    .requiredOption("--name <name>", "the name of the box that it becomes; a key is made for it")
    .option("--user <user>", "the user of the terminal", "admin")
    .addOption(new Option("--password <password>", "the password of that user").env("GATEPOST_TERMINAL_PASSWORD"))
    .option("--via <url>", "the address that the terminal posts to instead, as http://192.168.1.5:9528")
    .option("--wait <seconds>", "how long to wait for the first report", seconds, 120)
    .option("--dry-run", "print the setting that would be written, and change nothing")
    .action(setUpTerminalAt);
}
