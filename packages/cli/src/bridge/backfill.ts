import { timeForms } from "@gatepost/protocol";
import { type Command, InvalidArgumentError, Option } from "commander";
import { localTime } from "../options.ts";
import { runBackfill } from "./stored-events.ts";

export function addBackfill(program: Command): void {
  program
    .command("backfill")
    .description("deliver what an SE5 remembers and the cloud lacks; safe to repeat, and resumes after an interruption")
    .option("--config <file>", "the bridge's YAML file; see docs/bridge.md", "gatepost-bridge.yaml")
    .requiredOption("--box <name>", "a box of that file with its address")
    .requiredOption("--from <time>", "from when, as 2026-11-05 or 2026-11-05T08:00:00+08:00", instant)
    .addOption(new Option("--to <time>", "until when").argParser(instant).default(undefined, "now"))
    .addOption(new Option("--token <key>", "a read key of the cloud, if the file has none").env("GATEPOST_TOKEN"))
    .option("--json", "print one JSON document")
    .action(runBackfill);
}

/** ms since 1970. */
function instant(text: string): number {
  const time = localTime(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError(`It must be a day as 2026-11-05, or a time ${timeForms}.`);
  return time;
}
