import type { Operations } from "@gatepost/client";
import type { Command } from "commander";
import { type Api, withApi } from "../client.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";
import { pagesOf } from "../progress-bar.ts";

export function addDeliveryCommands(program: Command): void {
  const deliveries = program.command("deliveries").description("look at waiting deliveries to subscribers");
  onApi(deliveries.command("list"))
    .description("list it, rule by rule in the order of delivery, with tries, last answer and next try")
    .option("--rule <name>", "of one rule")
    .action(list);
}

async function list({ rule, ...options }: Reading & { rule?: string }): Promise<void> {
  const deliveries = await withApi(options, (api) => all(api, rule));
  const titles = ["ID", "RULE", "ENTRY", "SINCE", "TRIES", "LAST ANSWER", "NEXT TRY", "STEPPED ASIDE"];
  const rows = deliveries.map((one) => [
    ...[one.id, one.rule, one.entry, one.since, one.tries, one.lastAnswer],
    ...[one.nextTry ?? "after those before it", one.aside ? "yes" : "no"],
  ]);
  print({ deliveries }, () => table(titles, rows), options);
}

async function all(api: Api, rule?: string) {
  const found: Operations["GET /v1/deliveries"]["answer"]["deliveries"] = [];
  const ask = (cursor: string | undefined) => api.ask("GET /v1/deliveries", { query: { limit: 500, rule, cursor } });
  for await (const { deliveries } of pagesOf(ask)) found.push(...deliveries);
  return found;
}
