/** Connections or rows that are dealt with at the same time. */
const concurrency = 50;

/** Does something for every item, for 50 at a time: whoever is slow keeps one place of them, and not a whole group waiting. */
export async function forEachLimit<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await act(next);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, waiting.length) }, lane));
}
