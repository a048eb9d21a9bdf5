import { describe, expect, it } from "vitest";
import { pageOf } from "../../../packages/api/src/page.ts";

const nameOf = (name: string) => name;
const pagesOf = (lists: readonly (readonly string[])[], limit: number) => {
  const pages: (readonly string[])[] = [];
  let cursor: string | null = null;
  for (const list of lists) {
    const page: { items: readonly string[]; next: string | null } = pageOf(list, { limit, cursor }, nameOf);
    pages.push(page.items);
    cursor = page.next;
  }
  return { pages, next: cursor };
};

describe("a page of a list that is held as a whole", () => {
  const list = ["a", "b", "c", "d", "e"];

  it("follows the page before, to the end", () => {
    expect(pagesOf([list, list, list], 2)).toEqual({ pages: [["a", "b"], ["c", "d"], ["e"]], next: null });
    expect(pagesOf([[]], 2)).toEqual({ pages: [[]], next: null });
  });

  it("continues behind the last item, also if others were added before it", () => {
    expect(pagesOf([list, ["0", ...list]], 2).pages).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("continues in its place if the last item is gone, and repeats none", () => {
    expect(pagesOf([list, ["a", "c", "d", "e"]], 2).pages).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(pagesOf([list, []], 2)).toEqual({ pages: [["a", "b"], []], next: null });
  });
});
