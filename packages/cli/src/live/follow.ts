import { type Command, Option } from "commander";
import { port } from "../options.ts";
import { host } from "../runtime/start.ts";
import { follow } from "./server.ts";

export function addFollow(program: Command): void {
  program
    .command("follow")
    .description("serve the WebSocket of an SE5 from the feed of a Gatepost elsewhere, as on AWS")
    .requiredOption("--url <url>", "the Gatepost")
    .addOption(
      new Option("--token <key>", "a read key of it, which clients show too")
        .env("GATEPOST_TOKEN")
        .makeOptionMandatory(),
    )
    .option("--host <address>", "the address to listen on", host, "0.0.0.0")
    .option("--port <number>", "the port of the WebSocket", port, 5679)
    .option("--devices-port <number>", "another port for the list of devices, as 5555", port)
    .action(follow);
}
