import { maxPageBytes, type PageRequest } from "@gatepost/core/lists";
import { describe, expect, it } from "vitest";
import { pageOf, readPage } from "../../../packages/api/src/page.ts";

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

describe("a page of a store that gives few items at a time", () => {
  const cursorSecret = Buffer.alloc(32);
  /** A list of the numbers below a hundred, of which the store looks at ten at a time. */
  const look = (isItem: (n: number) => boolean, requests: PageRequest[] = []) => ({
    requests,
    async list(_: object, request: PageRequest) {
      requests.push(request);
      const from = Number(request.cursor ?? 0);
      const found = Array.from({ length: 10 }, (_, n) => from + n).filter(isItem);
      const items = found.slice(0, request.limit);
      const end = found.length > items.length ? (items.at(-1) ?? 0) + 1 : from + 10;
      return { items, next: end >= 100 ? null : `${end}` };
    },
  });

  it("is full if enough items follow, and continues behind the last of them", async () => {
    const { list } = look((n) => n % 20 === 7);
    const deps = { cursorSecret, cpuMs: () => 0 };
    const first = await readPage("numbers", { limit: 3, q: "7" }, list, deps);
    expect(first.items).toEqual([7, 27, 47]);
    const second = await readPage("numbers", { limit: 3, q: "7", cursor: first.next ?? "" }, list, deps);
    expect(second).toEqual({ items: [67, 87], next: null });
  });

  it("ends with what it has once 50 ms of CPU are used", async () => {
    let used = 0;
    const { requests, list } = look((n) => n > 90);
    const deps = { cursorSecret, cpuMs: () => used };
    const slow = (filter: object, page: PageRequest) => {
      used += 20;
      return list(filter, page);
    };
    const { items, next } = await readPage("numbers", { limit: 3 }, slow, deps);
    expect([items, next, requests.map(({ cursor }) => cursor)]).toEqual([[], expect.any(String), [null, "10", "20"]]);
    used = 0;
    const further = await readPage("numbers", { limit: 3, cursor: next ?? "" }, list, deps);
    expect(further.items).toEqual([91, 92, 93]);
  });

  it("asks for the bytes that are left, and ends once half are used", async () => {
    const requests: PageRequest[] = [];
    const read = async (_: object, request: PageRequest) => {
      requests.push(request);
      return { items: ["item"], next: "more", bytes: maxPageBytes / 4 };
    };
    const { items } = await readPage("texts", { limit: 9 }, read, { cursorSecret, cpuMs: () => 0 });
    expect(items).toHaveLength(2);
    expect(requests.map(({ limit, maxBytes }) => [limit, maxBytes])).toEqual([
      [9, maxPageBytes],
      [8, (maxPageBytes * 3) / 4],
    ]);
  });
});
