import type { Operations } from "@gatepost/client";
import type { Command } from "commander";
import { type Api, withApi } from "../client.ts";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";
import { pagesOf } from "../progress-bar.ts";
import { whatThereIs, whyUnknown } from "./unknown.ts";

export function addDeadLetterCommands(program: Command): void {
  const deadLetters = program.command("deadletters").description("look at entries that subscribers did not take");
  onApi(deadLetters.command("list"))
    .description("list them, newest first")
    .option("--rule <name>", "of one rule")
    .action(list);
  onApi(deadLetters.command("send"))
    .argument("[ids...]")
    .description("deliver them again, each in the queue of its rule")
    .option("--all", "all dead letters with a usable rule")
    .option("--rule <name>", "all of one rule")
    .action(send);
}

async function list({ rule, ...options }: Reading & { rule?: string }): Promise<void> {
  const deadletters = await withApi(options, (api) => all(api, rule));
  const titles = ["ID", "RULE", "ENTRY", "SINCE", "GIVEN UP", "TRIES", "REASON"];
  const rows = deadletters.map((one) => [one.id, one.rule, one.entry, one.since, one.at, one.tries, one.reason]);
  print({ deadletters }, () => table(titles, rows), options);
}

async function all(api: Api, rule?: string) {
  const found: Operations["GET /v1/deadletters"]["answer"]["deadletters"] = [];
  const ask = (cursor: string | undefined) => api.ask("GET /v1/deadletters", { query: { limit: 500, rule, cursor } });
  for await (const { deadletters } of pagesOf(ask)) found.push(...deadletters);
  return found;
}

async function send(ids: string[], { all, rule, ...options }: Reading & { all?: true; rule?: string }): Promise<void> {
  const ways = [ids.length > 0, all === true, rule !== undefined].filter(Boolean).length;
  if (ways !== 1) throw new WrongUsage("give the ids to send, or --rule, or --all");
  const { sent, failures } = await withApi(options, async (api) =>
    ids.length > 0 ? sendEach(api, ids) : { sent: await sendAll(api, rule), failures: [] },
  );
  const isNone = sent === 0 && ids.length === 0;
  const said = isNone
    ? "There is no dead letter with a usable rule in rules.json that is on."
    : `${sent} will be delivered again.`;
  print({ sent }, () => said, options);
  if (failures.length > 0) throw new Failure(`not sent: ${failures.join("; ")}`);
}

/** One that fails does not keep the others from it. */
async function sendEach(api: Api, ids: readonly string[]): Promise<{ sent: number; failures: string[] }> {
  const refused: { id: string; reason: string }[] = [];
  for (const id of ids) {
    try {
      await api.ask("POST /v1/deadletters/{id}/send", { path: { id } });
    } catch (error) {
      refused.push({ id, reason: sayWhy(error) });
    }
  }
  const sent = ids.length - refused.length;
  return { sent, failures: refused.length === 0 ? [] : await failuresOf(refused, api) };
}

/** Why each id was not sent. For an unknown id the API may only say that it is no number: this says more. */
async function failuresOf(refused: readonly { id: string; reason: string }[], api: Api): Promise<string[]> {
  const letters = await all(api);
  const known = new Set(letters.map(({ id }) => id));
  const failures = refused.map(({ id, reason }) => `${id}: ${known.has(id) ? reason : whyUnknown(id, letters)}`);
  return refused.every(({ id }) => known.has(id)) ? failures : [...failures, whatThereIs(letters)];
}

async function sendAll(api: Api, rule?: string): Promise<number> {
  return (await api.ask("POST /v1/deadletters/send", { query: { rule } })).sent;
}
