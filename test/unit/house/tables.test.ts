import { expect, it } from "vitest";
import { filesOf, textOf } from "./sources.ts";

const pages = filesOf("*.md", "docs/**/*.md", "*/README*.md", "packages/*/README*.md");

/** A bar within code or after a backslash ends no cell. */
const cellsOf = (row: string) => row.replace(/`[^`]*`|\\\|/g, "").split("|").length - 2;

/** What a reader never sees: cells beyond those of the head are left out where a page is shown. */
function uneven(page: string): string[] {
  const faults: string[] = [];
  let head: number | null = null;
  for (const line of textOf(page).split("\n")) {
    if (!/^ *\|/.test(line)) head = null;
    else if (head === null) head = cellsOf(line);
    else if (cellsOf(line) !== head) faults.push(`${cellsOf(line)} cells for ${head}: ${line.slice(0, 80)}`);
  }
  return faults;
}

it.each(pages)("each row of a table has the cells of its head: %s", (page) => {
  expect(uneven(page)).toEqual([]);
});
