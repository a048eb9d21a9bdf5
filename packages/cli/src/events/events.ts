import { type Command, InvalidArgumentError } from "commander";
import * as z from "zod";
import { withApi } from "../client.ts";
import { onApi, type Reading } from "../options.ts";
import { print } from "../output.ts";
import { addFilter, addTimes, filterOf, type TypedFilter } from "./filter.ts";
import { eventFacts, eventTable, listedEvent } from "./shown.ts";
import { tailEvents } from "./tail.ts";

const maxEvents = 500;

export function addEventCommands(program: Command): void {
  const events = program.command("events").description("list, show and follow the events");
  onApi(addFilter(addTimes(events.command("list"))))
    .description("list events, newest first")
    .option("--limit <number>", `how many, ${maxEvents} at most`, count, 50)
    .option("--cursor <text>", "`next` of the page before, with the same filter")
    .option("--wide", "print all columns whole, also beyond the width of the terminal")
    .action(list);
  onApi(events.command("show")).argument("<id>").description("show one event").action(show);
  onApi(addFilter(events.command("tail")))
    .description("print the latest events, then each event as it is stored, until SIGTERM or SIGINT")
    .option("-n, --lines <number>", "how many of the last day to begin with", count, 10)
    .action(tailEvents);
}

const page = z.looseObject({ events: z.array(listedEvent), next: z.string().nullable() });

interface ListOptions extends Reading, TypedFilter {
  limit: number;
  cursor?: string;
  wide?: true;
}

async function list({ limit, cursor, wide, ...asked }: ListOptions): Promise<void> {
  const query = { ...filterOf(asked), limit, cursor };
  const found = await withApi(asked, (api) => api.ask("GET /v1/events", { query, answer: page }));
  const more = found.next === null ? "" : `\nthere are more: --cursor ${found.next}`;
  // Only a terminal has columns: what another program reads is whole.
  const { columns } = process.stdout;
  const maxWidth = wide === true || columns === undefined ? Number.POSITIVE_INFINITY : columns;
  print(found, () => eventTable(found.events, maxWidth) + more, asked);
}

async function show(id: string, options: Reading): Promise<void> {
  const event = await withApi(options, (api) => api.ask("GET /v1/events/{id}", { path: { id }, answer: listedEvent }));
  print(event, () => eventFacts(event), options);
}

function count(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= maxEvents) return number;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${maxEvents}.`);
}
