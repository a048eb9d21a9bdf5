import type { Dynamo, Stored, Stretch } from "./dynamo.ts";
import { type IndexName, indexKeys } from "./table.ts";

/** A row's place in a list. */
export interface Place {
  pk: string;
  at: string;
  index: IndexName;
}

export interface Way {
  /** The keys over which the list is spread. */
  lanes: readonly Pick<Stretch, "index" | "hash">[];
  /** Places to begin and end at, both included. */
  from?: string;
  to?: string;
  order: Stretch["order"];
}

/** Places read of one key at a time. */
const atOnce = 32;

/** Below and above every place. */
const [first, last] = ["0", "~"];

/** Goes through a sharded list in order: one query a shard to begin with, and one more whenever a shard is read up. */
export async function* walk(dynamo: Dynamo, { lanes, from = first, to = last, order }: Way): AsyncGenerator<Place> {
  if (from > to) return;
  const queues = await Promise.all(lanes.map((lane) => Lane.open(dynamo, { ...lane, from, to, order, limit: atOnce })));
  const isBefore = (a: string, b: string) => (order === "ascending" ? a < b : a > b);
  for (;;) {
    let next: Lane | undefined;
    for (const lane of queues) {
      if (lane.head !== undefined && (next?.head === undefined || isBefore(lane.head.at, next.head.at))) next = lane;
    }
    if (next?.head === undefined) return;
    yield next.head;
    await next.advance();
  }
}

/** Collects what comes one by one into groups of the size that is asked for each. */
export async function* inGroups<Item>(items: AsyncIterable<Item>, size: () => number): AsyncGenerator<Item[]> {
  let group: Item[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size()) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** One shard of a list, read page by page. */
class Lane {
  readonly #dynamo: Dynamo;
  readonly #stretch: Stretch;
  #places: Place[] = [];
  #next: Stored["next"];

  private constructor(dynamo: Dynamo, stretch: Stretch) {
    this.#dynamo = dynamo;
    this.#stretch = stretch;
  }

  static async open(dynamo: Dynamo, stretch: Stretch): Promise<Lane> {
    const lane = new Lane(dynamo, stretch);
    await lane.#read();
    return lane;
  }

  get head(): Place | undefined {
    return this.#places.at(-1);
  }

  async advance(): Promise<void> {
    this.#places.pop();
    while (this.#places.length === 0 && this.#next !== undefined) await this.#read();
  }

  async #read(): Promise<void> {
    const { index } = this.#stretch;
    const { keys, next } = await this.#dynamo.keys(this.#stretch, this.#next);
    const { range } = indexKeys[index];
    this.#places = keys.reverse().map((key) => ({ pk: String(key["pk"]), at: String(key[range]), index }));
    this.#next = next;
  }
}
