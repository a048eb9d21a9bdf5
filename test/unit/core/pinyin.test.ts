import { isFound, pinyinOf, rankOf, searchText, soughtPerson } from "@gatepost/core/people";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rounds } from "../../support/seeded.ts";

const rank = (name: string | null, q: string, id = "888029") => rankOf({ name, id }, soughtPerson(q));

describe("a search finds a Chinese name", () => {
  it.each(["liufang", "liu fang", "liu f", "lfang", "lf", "LIUF", "liu'fang", "l", "刘", "刘芳"])("by %s", (q) => {
    expect(rank("刘芳", q)).toBeLessThan(2);
  });

  it.each([
    ["单雄信", "shanxx"],
    ["单雄信", "danxiong"],
    ["仇英", "qiuying"],
    ["曾国藩", "zgf"],
    ["曾国藩", "cengguo"],
    ["解缙", "xiejin"],
    ["尉迟恭", "yuchi"],
    ["吕布", "lvbu"],
    ["吕布", "lübu"],
  ])("%s by each reading of its characters, as %s", (name, q) => {
    expect(rank(name, q)).toBe(1);
  });

  it("from a later character on, after those that begin with the text", () => {
    expect(rank("刘芳", "fang")).toBe(3);
    expect(rank("刘芳", "芳")).toBe(3);
  });

  it.each(["fangliu", "liuw", "liufangx", "iu", "zz", "芳刘"])("not by %s", (q) => {
    expect(rank("刘芳", q)).toBeNull();
  });
});

describe("a search finds other people", () => {
  it("by a part of the name as typed, or of the id", () => {
    expect(rank("Ravi Menon", "ravi m")).toBe(0);
    expect(rank("Ravi Menon", "menon")).toBe(3);
    expect(rank("17.17", "17.17")).toBe(0);
    expect(rank(null, "8880")).toBe(2);
    expect(rank(null, "029")).toBe(3);
    expect(rank("Ravi Menon", "rm")).toBeNull();
  });
});

it("a search finds those who have a rank, and no one else", () => {
  const text = fc.string({
    unit: fc.constantFrom(..."刘单曾吕 lfsdxczv17éÉ\n\0'’"),
    maxLength: 5,
  });
  fc.assert(
    fc.property(fc.option(text), text, text, (name, id, q) => {
      const sought = soughtPerson(q);
      expect(isFound(searchText({ name, id }), sought)).toBe(rankOf({ name, id }, sought) !== null);
    }),
    { numRuns: rounds(3000) },
  );
});

describe("the reading of a name", () => {
  it("has the reading that a surname has", () => {
    expect(pinyinOf("刘芳")).toBe("liu fang");
    expect(pinyinOf("单雄信")).toBe("shan xiong xin");
  });

  it("is null for another name", () => {
    expect(pinyinOf("Ravi Menon")).toBeNull();
  });
});
