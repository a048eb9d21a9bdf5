import { stripVTControlCharacters } from "node:util";

/** Prints an answer: as one JSON document where that was asked for, else in words. */
export function print(document: unknown, inWords: () => string, { json }: { json?: true }): void {
  process.stdout.write(`${json ? JSON.stringify(document) : inWords()}\n`);
}

/** Rows under their titles, in columns as wide as needed. */
export function table(titles: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = [titles, ...rows].map((row) => row.map((cell) => plain(String(cell ?? "-")).replaceAll(/\s/g, " ")));
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return cells.map((row) => line(row).trimEnd()).join("\n");
}

/** Text of a stranger, made harmless for a terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{C}\n\t]/gu, "\u{fffd}");
}
