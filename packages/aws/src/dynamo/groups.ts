import { all } from "@gatepost/core/errors";

/** How many connections or rows are handled at the same time. */
const concurrency = 50;

/**
 * Calls `act` for every item, 50 at a time. A slow item takes only one of the 50 places. If a call fails, throws once
 * no other call is running.
 */
export async function forEachLimit<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await act(next);
  };
  await all(Array.from({ length: Math.min(concurrency, waiting.length) }, worker));
}

/** Collects items into groups. `size` gives the size of the next group. */
export async function* chunk<Item>(items: AsyncIterable<Item>, size: () => number): AsyncGenerator<Item[]> {
  let items_: Item[] = [];
  for await (const item of items) {
    items_.push(item);
    if (items_.length < size()) continue;
    yield items_;
    items_ = [];
  }
  if (items_.length > 0) yield items_;
}
