import type { Command } from "commander";
import * as z from "zod";
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

const delivery = z.object({
  id: z.string(),
  rule: z.string(),
  entry: z.string(),
  detailType: z.string(),
  event: z.string().nullable(),
  tries: z.number(),
  lastAnswer: z.string().nullable(),
  aside: z.boolean(),
  since: z.string(),
  nextTry: z.string().nullable(),
});

const page = z.object({ deliveries: z.array(delivery), next: z.string().nullable() });

async function list({ rule, ...options }: Reading & { rule?: string }): Promise<void> {
  const deliveries = await withApi(options, (api) => all(api, rule));
  const titles = ["ID", "RULE", "ENTRY", "SINCE", "TRIES", "LAST ANSWER", "NEXT TRY", "STEPPED ASIDE"];
  const rows = deliveries.map((one) => [
    ...[one.id, one.rule, one.entry, one.since, one.tries, one.lastAnswer],
    ...[one.nextTry ?? "after those before it", one.aside ? "yes" : "no"],
  ]);
  print({ deliveries }, () => table(titles, rows), options);
}

async function all(api: Api, rule?: string): Promise<z.output<typeof delivery>[]> {
  const found: z.output<typeof delivery>[] = [];
  const ask = (cursor: string | undefined) =>
    api.ask("GET /v1/deliveries", { query: { limit: 500, rule, cursor }, answer: page });
  for await (const { deliveries } of pagesOf(ask)) found.push(...deliveries);
  return found;
}
