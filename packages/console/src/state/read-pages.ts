interface Page<Item> {
  items: readonly Item[];
  next: string | null;
}

/** Reads a list page after page, until there is enough or no more. `ask` is given the cursor to send, or none. */
export async function readPages<Item>(
  isEnough: (items: readonly Item[], pages: number) => boolean,
  ask: (from: { cursor?: string }) => Promise<Page<Item>>,
): Promise<{ items: Item[]; isWhole: boolean }> {
  const items: Item[] = [];
  let [next, pages]: [string | null, number] = [null, 0];
  do {
    const page: Page<Item> = await ask(next === null ? {} : { cursor: next });
    items.push(...page.items);
    next = page.next;
    pages++;
  } while (next !== null && !isEnough(items, pages));
  return { items, isWhole: next === null };
}
