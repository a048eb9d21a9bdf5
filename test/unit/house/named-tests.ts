import { existsSync } from "node:fs";
import { root, textOf } from "./sources.ts";

/** A test that a document names: `test/unit/x.test.ts` “the title of it”. */
export interface NamedTest {
  file: string;
  title: string;
}

/** Reads `file` “title”, “another title of the same file”. A file without a title names none. */
export function testsNamedIn(text: string): NamedTest[] {
  const named = text.matchAll(/`(test\/[^`\s]+\.ts)`((?:[,、]? ?“[^”]+”)+)/g);
  return [...named].flatMap(([, file = "", titles = ""]) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => ({ file, title })),
  );
}

/** What is named and not there. A title may be a part of one, where the rest is filled in by the test. */
export function missingTests(text: string): string[] {
  return testsNamedIn(text).flatMap(({ file, title }) => {
    if (!existsSync(`${root}${file}`)) return [`${file} is not there`];
    return textOf(file).includes(title) ? [] : [`${file} has no test “${title}”`];
  });
}

/** The rows of the tables under a heading, without their heads: each as its cells. */
export function rowsUnder(heading: string, page: string): string[][] {
  const [, after = ""] = page.split(`\n${heading}\n`);
  const [section = ""] = after.split(/^#+ /m);
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  const cells = rows.map((row) => row.slice(1, row.lastIndexOf("|")).split(/(?<!\\)\|/));
  return cells
    .filter((row, at) => !isRule(row) && !isRule(cells[at + 1] ?? []))
    .map((row) => row.map((cell) => cell.trim()));
}

const isRule = (cells: readonly string[]) => cells.length > 0 && cells.every((cell) => /^\s*-+\s*$/.test(cell));
