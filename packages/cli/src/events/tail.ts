import { setTimeout as pause } from "node:timers/promises";
import { eventFilter, matches } from "@gatepost/core/events";
import { dayMs } from "@gatepost/protocol";
import * as z from "zod";
import { type Api, withApi } from "../client.ts";
import { endSignal, Failure, NotReached, sayWhy, WrongUsage } from "../failure.ts";
import type { Reading } from "../options.ts";
import { writeOut } from "../output.ts";
import { filterOf, type TypedFilter, type Unchecked } from "./filter.ts";
import { eventLine, type ListedEvent, listedEvent } from "./shown.ts";

/** ms between two reads of the feed if nothing is new. */
const pauseMs = 1000;
/** ms until a server that did not answer is asked again. */
const retryMs = 5000;
/** Ids of printed events that are remembered: the feed gives an event again with each change. */
const maxRemembered = 10_000;
/** Events of one read. */
const limit = 200;

const page = z.looseObject({ events: z.array(listedEvent) });
const changes = z.looseObject({ events: z.array(listedEvent), next: z.string(), more: z.boolean() });

/** Prints the latest events, then each event once when it is stored or first matches, until the process is to end. */
export async function tailEvents({ lines, ...options }: Reading & TypedFilter & { lines: number }): Promise<void> {
  const ended = endSignal();
  const filter = filterOf(options);
  const isWanted = wanted(filter);
  const printed = new Printed(options.json === true);
  await withApi(options, async (api) => {
    if (api.url === null) throw new Failure("no server runs on this data folder; start it with `gatepost serve`");
    const end = await api.ask("GET /v1/events", { query: { order: "received", after: "end" }, answer: changes });
    printed.print((await latest(api, filter, lines)).toReversed());
    for (let after = end.next; !ended.aborted && !isOutputClosed(); ) {
      const read = await nextPage(api, after, ended);
      if (read === null) continue;
      printed.print(read.events.filter(isWanted));
      after = read.next;
      if (!read.more) await resting(pauseMs, ended);
    }
  });
}

/** Tests an event by the API's own rules. Throws WrongUsage if the filter cannot be read. */
function wanted(filter: Unchecked): (event: ListedEvent) => boolean {
  const read = z.object(eventFilter).safeParse(filter);
  if (read.success) return (event) => matches(event, read.data);
  throw new WrongUsage(read.error.issues.map(({ path, message }) => `--${path[0]?.toString()}: ${message}`).join("; "));
}

/** The newest events of the last day. A box whose clock is ahead may be a day ahead. */
async function latest(api: Api, filter: Unchecked, lines: number): Promise<ListedEvent[]> {
  if (lines === 0) return [];
  const span = { from: `${Date.now() - dayMs}`, to: `${Date.now() + dayMs}` };
  const query = { ...filter, ...span, limit: lines };
  return (await api.ask("GET /v1/events", { query, answer: page })).events;
}

/** The next page of the feed; null if the server did not answer and it is time to ask again. */
async function nextPage(api: Api, after: string, ended: AbortSignal) {
  try {
    return await api.ask("GET /v1/events", { query: { order: "received", after, limit }, answer: changes });
  } catch (error) {
    if (!(error instanceof NotReached)) throw error;
    process.stderr.write(`${sayWhy(error)}; it is asked again\n`);
    await resting(retryMs, ended);
    return null;
  }
}

/** Prints each event once. */
class Printed {
  readonly #ids = new Set<string>();
  readonly #isJson: boolean;

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  print(events: readonly ListedEvent[]): void {
    for (const event of events) {
      if (this.#ids.has(event.id)) continue;
      this.#remember(event.id);
      writeOut(`${this.#isJson ? JSON.stringify(event) : eventLine(event)}\n`);
    }
  }

  #remember(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > maxRemembered && oldest !== undefined) this.#ids.delete(oldest);
  }
}

/** True once the reader of the output has gone, as `head` does. */
function isOutputClosed(): boolean {
  return process.stdout.errored !== null || process.stdout.destroyed;
}

async function resting(ms: number, ended: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: ended }).catch(() => undefined);
}
