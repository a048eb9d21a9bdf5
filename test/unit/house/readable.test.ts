import { describe, expect, it } from "vitest";
import { filesOf, textOf } from "./sources.ts";

/** Written by a script from the code, and the lists of fields in documents of the vendor. */
const others = ["docs/reference.md", "docs/formats.md"];

/** Pages for readers in English. Chinese pages have the same tables and lists. */
const pages = filesOf("README.md", "docs/*.md").filter((page) => !page.endsWith(".zh-CN.md") && !others.includes(page));

const maxWords = 25;
const maxCharacters = 500;

/** The text of a page without code, and without the targets of links. */
function proseOf(page: string): string {
  return page
    .replaceAll(/```[\s\S]*?```/g, "")
    .replaceAll(/`[^`\n]*`/g, "x")
    .replaceAll(/\]\([^)]*\)/g, "]");
}

const isTable = (line: string) => line.startsWith("|");

function longCells(page: string): string[] {
  const cells = proseOf(page)
    .split("\n")
    .filter(isTable)
    .flatMap((row) => row.split(/(?<!\\)\|/));
  return cells.filter((cell) => cell.split(/\s+/).filter((word) => word !== "").length > maxWords);
}

/** Paragraphs and items of lists. */
function longParagraphs(page: string): string[] {
  const blocks = proseOf(page)
    .split(/\n\s*\n/)
    .flatMap((block) => block.split(/\n(?=\s*(?:- |\d+\. ))/));
  return blocks.filter((block) => !isTable(block.trimStart()) && block.length > maxCharacters);
}

describe("a page for readers has short paragraphs, and short cells in its tables", () => {
  it.each(pages)("%s", (page) => {
    expect([...longCells(textOf(page)), ...longParagraphs(textOf(page))]).toEqual([]);
  });
});

describe("a long text", () => {
  it("is found in a cell", () => {
    expect(longCells(`| a | ${"word ".repeat(26)}|`)).toHaveLength(1);
    expect(longCells(`| a | ${"word ".repeat(25)}| [b](${"c".repeat(900)}) \`${"d ".repeat(30)}\` |`)).toEqual([]);
  });

  it("is found in a paragraph, and in an item of a list", () => {
    const long = "word ".repeat(101).trim();
    expect(longParagraphs(`${long}\n\n- ${long}\n- short`)).toHaveLength(2);
    expect(longParagraphs(`| ${long} |\n\n\`\`\`\n${long}\n\`\`\`\n\n- ${long.slice(6)}`)).toEqual([]);
  });
});
