interface Page<Item> {
  items: readonly Item[];
  next: string | null;
}

/** Reads a list page after page, until it has so many items or all. `ask` is given the cursor to send, or none. */
export async function readPages<Item>(
  most: number,
  ask: (from: { cursor?: string }) => Promise<Page<Item>>,
): Promise<{ items: Item[]; isWhole: boolean }> {
  const items: Item[] = [];
  let next: string | null = null;
  do {
    const page: Page<Item> = await ask(next === null ? {} : { cursor: next });
    items.push(...page.items);
    next = page.next;
  } while (next !== null && items.length < most);
  return { items, isWhole: next === null };
}
