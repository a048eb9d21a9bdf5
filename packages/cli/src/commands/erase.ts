import type { Command } from "commander";
import * as z from "zod";
import { withApi } from "../client.ts";
import { WrongUsage } from "../failure.ts";
import { onApi, type Reading } from "../options.ts";
import { print } from "../output.ts";

export function addErase(program: Command): void {
  onApi(program.command("erase"))
    .description(
      "erase a person for good: all events, their pictures, what quarantine holds of them, and what boxes said of the id",
    )
    .requiredOption("--person <id>", "the person's id, as the box sent it")
    .option("--box <name>", "those of one box")
    .option("--all", "those of every box")
    .action(erase);
}

type Asked = Reading & { person: string; box?: string; all?: true };

async function erase({ person, box, all, ...options }: Asked): Promise<void> {
  if ((box === undefined) === (all === undefined)) throw new WrongUsage("give the --box, or --all");
  const query = new URLSearchParams({ id: person, ...(box === undefined ? { all: "1" } : { box }) });
  const answer = z.object({ erased: z.number() });
  const done = await withApi(options, (api) => api.ask({ method: "DELETE", path: `/v1/people?${query}`, answer }));
  print(done, () => `${done.erased} events are erased.`, options);
}
