import { boxKinds, type FaultChances, type FaultName, faultNames, versions } from "@gatepost/simulator";
import { type Command, InvalidArgumentError, Option } from "commander";
import { port, seconds } from "../options.ts";
import { runDemo } from "./demo.ts";
import { runLoopDemo } from "./loop-demo.ts";
import { runSimulation } from "./simulation.ts";

export function addSimulate(program: Command): void {
  program
    .command("simulate")
    .description("boxes that behave as documented, with invented people and pictures")
    .requiredOption("--to <url>", "with the key of one box in it; or a Gatepost, with --token")
    .addOption(new Option("--token <key>", "an admin key: every box gets its own key").env("GATEPOST_TOKEN"))
    .option("--boxes <number>", "how many", whole, 1)
    .option("--rate <number>", "passings a second, all boxes together", rate, 1)
    .addOption(new Option("--kind <kind>", "what they are").choices(boxKinds).default("se3"))
    .addOption(new Option("--dialect <version>", "the firmware whose words they use").choices(versions).default("V2R4"))
    .option("--form-data", "send forms instead of JSON")
    .option("--batch", "upload a cycle's history as one list")
    .option("--fault <name=chance...>", `simulated faults, as cut=0.05: ${faultNames.join(", ")}`, fault, {})
    .option("--seed <number>", "repeat a run", whole)
    .option("--for <seconds>", "end by itself", seconds)
    .option("--once", "one passing now, then end")
    .action(runSimulation);
  program
    .command("demo")
    .description("a Gatepost in a temporary folder and a small office that reports to it")
    .option("--port <number>", "the port; 0 takes a free one", port, 9528)
    .option("--for <seconds>", "end by itself", seconds)
    .option("--loop", "show how strangers are registered on a box of each generation")
    .action(({ loop, ...options }: { loop?: true; port: number; for?: number }) =>
      loop === true ? runLoopDemo(options) : runDemo(options),
    );
}

function whole(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

function rate(text: string): number {
  const number = Number(text);
  if (number > 0 && number <= 1000) return number;
  throw new InvalidArgumentError("It must be a number up to 1000.");
}

function fault(text: string, before: FaultChances): FaultChances {
  const [name, chance] = text.split("=");
  const isKnown = (known: string | undefined): known is FaultName => faultNames.some((one) => one === known);
  if (!isKnown(name) || !(Number(chance) >= 0 && Number(chance) <= 1)) {
    throw new InvalidArgumentError(`It must be one of ${faultNames.join(", ")} with a chance, as cut=0.05.`);
  }
  return { ...before, [name]: Number(chance) };
}
