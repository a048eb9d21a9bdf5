import { describe, expect, it } from "vitest";
import { missingTests, rowsUnder, testsNamedIn } from "./named-tests.ts";
import { filesOf, textOf } from "./sources.ts";

describe("the tests that a document names are there", () => {
  it.each(filesOf("*.md", "docs/**/*.md"))("%s", (page) => {
    expect(missingTests(textOf(page))).toEqual([]);
  });
});

const withoutTest = (rows: readonly string[][]) =>
  rows.filter((cells) => testsNamedIn(cells.at(-1) ?? "").length === 0).map(([what]) => what);

describe("each threat of the model, and each promise of a page, has a test", () => {
  it.each([
    ["docs/proof/threats.md", "## Threats", 30],
    ["docs/proof/promises.md", "## What the README promises", 12],
    ["docs/proof/promises.md", "## Acting", 18],
    ["docs/proof/promises.md", "## Alerts", 13],
    ["docs/proof/promises.md", "## Backups", 18],
    ["docs/proof/promises.md", "## Bridge", 8],
    ["docs/proof/promises.md", "## Privacy", 8],
  ])("%s, “%s”", (page, heading, least) => {
    const rows = rowsUnder(heading, textOf(page));
    expect(rows.length).toBeGreaterThanOrEqual(least);
    expect(withoutTest(rows)).toEqual([]);
  });
});

it("each promise and each limit of the README has a row with a test", () => {
  const readme = textOf("README.md");
  const promised = [...readme.matchAll(/^- \*\*([^*]+)\.\*\*/gm)].map(([, what = ""]) => what);
  const limits = rowsUnder("## Limits", readme).flatMap(([what = ""]) => (what === "" ? [] : [what]));
  const rows = rowsUnder("## What the README promises", textOf("docs/proof/promises.md"));
  expect(promised.length).toBeGreaterThan(4);
  expect(limits.length).toBeGreaterThan(6);
  expect(rows.map(([what]) => what)).toEqual([...promised, ...limits]);
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
    expect(withoutTest(rowsUnder("### Rows", page))).toEqual(["1"]);
  });
});
