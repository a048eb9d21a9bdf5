import { dayMs, secondMs, storedJson } from "@gatepost/protocol";
import { asRead, type Item, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { shorten } from "../arrivals/refusals.ts";
import type { Log } from "../log/log.ts";
import { masked } from "../masking/mask.ts";
import { RecordKind } from "../records/record-kind.ts";

const terminal = z.object({
  serial: z.string(),
  /** The address of its last request. */
  from: z.string(),
  /** The number of its requests. */
  count: z.int(),
  /** The time of its last request, ms since 1970. */
  last: z.int(),
});

/** A terminal of ZKTeco that was refused because no live key lists its serial. */
export type UnknownTerminal = z.output<typeof terminal>;

/**
 * `unknown-terminals`: the terminals that were refused last, the newest first. They are one record of a bounded size,
 * because anyone can send any number of serials. `rev` rises with each write.
 */
const records = new RecordKind(
  "unknown-terminals",
  z.object({ terminals: storedJson(z.array(terminal)), rev: z.int() }),
);

/** Most terminals that are kept: as many as a key may list. */
const maxKept = 50;

/** ms for which a terminal is kept after its last request. */
const keptMs = dayMs;

/** ms between two writes of one process. Requests in between wait for the next write, in memory. */
const everyMs = 30 * secondMs;

interface Deps {
  items: Pick<Rows, "getAll" | "write">;
  log: Log;
  /** ms since 1970. */
  clock(): number;
}

/** The terminals that want in: a person sees their serials, and gives them to keys. */
export class UnknownTerminals {
  readonly #deps: Deps;
  /** The requests that are not written yet. */
  #waiting: readonly UnknownTerminal[] = [];
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Notes a request of a terminal. It is written at once, or with a request after half a minute, so a process writes at
   * most twice a minute. A failed write is logged and tried again.
   */
  async note(serial: string, address: string): Promise<void> {
    // A key in the place of the serial is not stored as a readable text.
    if (masked(serial) !== serial) return;
    const { log, clock } = this.#deps;
    const now = clock();
    this.#waiting = latest([{ serial, from: shorten(address), count: 1, last: now }, ...this.#waiting], now);
    if (Math.abs(now - this.#writtenAt) < everyMs) return;
    this.#writtenAt = now;
    const written = this.#waiting;
    this.#waiting = [];
    try {
      if (await this.#write(written, now)) return;
    } catch (cause) {
      log.warn("could not note unknown terminals, trying again", { cause });
    }
    this.#waiting = latest([...this.#waiting, ...written], now);
  }

  /** The terminals that were refused within a day, at most 50, the newest first. */
  async list(): Promise<readonly UnknownTerminal[]> {
    return latest([...this.#waiting, ...terminalsIn(await this.#read())], this.#deps.clock());
  }

  /** False if another process wrote meanwhile. */
  async #write(noted: readonly UnknownTerminal[], now: number): Promise<boolean> {
    const item = await this.#read();
    const terminals = JSON.stringify(latest([...noted, ...terminalsIn(item)], now));
    const rev = Number(item?.["rev"] ?? 0);
    const record = { terminals, rev: Number.isSafeInteger(rev) ? rev + 1 : 1, ttl: ttlAt(now + keptMs) };
    return (await this.#deps.items.write(records.record("", record, asRead(item, ["rev"])))).applied;
  }

  async #read(): Promise<Item | null> {
    const pk = records.pk("");
    return (await this.#deps.items.getAll([pk])).get(pk) ?? null;
  }
}

/** A record that cannot be read counts as empty: the terminals ask again. */
function terminalsIn(item: Item | null): readonly UnknownTerminal[] {
  return (item && records.readable(item)?.terminals) ?? [];
}

/**
 * One entry for each terminal, the newest first. An entry that is a day from now on either side is left out: the clock
 * may have been wrong.
 */
function latest(requests: readonly UnknownTerminal[], now: number): UnknownTerminal[] {
  const found = new Map<string, UnknownTerminal>();
  for (const request of requests) {
    if (Math.abs(now - request.last) >= keptMs) continue;
    const other = found.get(request.serial);
    const newer = other !== undefined && other.last >= request.last ? other : request;
    found.set(request.serial, { ...newer, count: request.count + (other?.count ?? 0) });
  }
  return [...found.values()].sort((a, b) => b.last - a.last).slice(0, maxKept);
}
