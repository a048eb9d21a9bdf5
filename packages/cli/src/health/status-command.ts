import type { Command } from "commander";
import { withApi } from "../client.ts";
import { Failure } from "../failure.ts";
import { completed } from "../hints.ts";
import { onApi, type Reading } from "../options.ts";
import { print } from "../output.ts";
import { plain } from "../plain.ts";
import { readStatus } from "./read.ts";
import { inWords } from "./status.ts";

export function addStatus(program: Command): void {
  onApi(program.command("status"))
    .description("see whether all is well; exit code 1 if something needs attention")
    .action(status);
}

async function status(options: Reading): Promise<void> {
  const { needsHand, ...rest } = await withApi(options, readStatus);
  const found = { ...rest, needsHand: needsHand.map((hand) => completed(hand, options)) };
  print(found, () => plain(inWords(found)), options);
  const { length } = found.needsHand;
  if (length > 0) throw new Failure(length === 1 ? "one thing needs a hand" : `${length} things need a hand`);
}
