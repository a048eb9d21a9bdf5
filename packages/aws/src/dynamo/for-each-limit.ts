import { all } from "@gatepost/core/errors";

/** How many connections or rows are handled at the same time. */
const concurrency = 50;

/**
 * Calls `act` for every item, 50 at a time. A slow item takes only one of the 50 places. Where one fails, it throws once
 * nothing is under way any more.
 */
export async function forEachLimit<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await act(next);
  };
  await all(Array.from({ length: Math.min(concurrency, waiting.length) }, worker));
}
