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

  it("continues behind a name that is longer than a cursor", () => {
    const long = ["x".repeat(8192), `${"x".repeat(8191)}y`, "z"];
    expect(pagesOf([long, ["0", ...long], long], 1).pages.flat()).toEqual(long);
    // The short name of the second one, sent as a name.
    const [, cursor = ""] = /^0 (.*)$/.exec(pageOf(long.slice(1), { limit: 1, cursor: null }, nameOf).next ?? "") ?? [];
    expect(
      pagesOf(
        Array.from({ length: 3 }, () => [cursor, ...long.slice(1)]),
        1,
      ).pages.flat(),
    ).toEqual([cursor, ...long.slice(1)]);
  });
});
