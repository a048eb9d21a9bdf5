import { describe, expect, it } from "vitest";
import { missingTests, rowsUnder, testsNamedIn } from "./named-tests.ts";
import { filesOf, textOf } from "./sources.ts";

describe("the tests that a document names are there", () => {
  it.each(filesOf("*.md", "docs/*.md"))("%s", (page) => {
    expect(missingTests(textOf(page))).toEqual([]);
  });
});

describe("each threat of the model has a test", () => {
  it.each([["docs/security.md", "### Threats"]])("%s", (page, heading) => {
    const threats = rowsUnder(heading, textOf(page));
    expect(threats.length).toBeGreaterThan(30);
    expect(threats.filter((cells) => testsNamedIn(cells.at(-1) ?? "").length === 0)).toEqual([]);
  });
});

describe("a promise without a test is found:", () => {
  const title = "a title that no test here has".split("").reverse().join("");

  it.each([
    ["a file that is not there", "`test/unit/house/nowhere.test.ts` “any”"],
    ["a title that the file does not have", `\`test/unit/house/promises.test.ts\` “${title}”`],
    ["a second title", `\`test/unit/house/promises.test.ts\` “a file that is not there”, “${title}”`],
  ])("%s", (_, text) => {
    expect(missingTests(text)).toHaveLength(1);
  });

  it("a row whose last cell names none", () => {
    const page = "# A\n### Rows\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | `test/a.ts` “t” |\n\n### More\n\n| 5 | 6 |";
    expect(rowsUnder("### Rows", page)).toEqual([
      ["1", "2"],
      ["3", "`test/a.ts` “t”"],
    ]);
    expect(testsNamedIn("`test/a.ts`, see “t”")).toEqual([]);
  });
});
