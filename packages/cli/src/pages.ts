/** All pages of a list of the API, from the first on. `ask` gets the cursor of the page; undefined for the first. */
export async function* pagesOf<Page extends { next: string | null }>(
  ask: (cursor: string | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  for (let cursor: string | undefined; ; ) {
    const page = await ask(cursor);
    yield page;
    if (page.next === null) return;
    cursor = page.next;
  }
}
