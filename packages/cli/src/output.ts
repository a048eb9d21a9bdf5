import { Failure, sayWhy } from "./failure.ts";
import { completed, type HintTarget } from "./hints.ts";
import { plain } from "./plain.ts";

/** Prints an answer: as one JSON document if that was asked for, else in words with complete hints. Throws as `writeOut`. */
export function print(
  document: unknown,
  inWords: () => string,
  { json, ...target }: { json?: true } & HintTarget,
): void {
  writeOut(`${json ? JSON.stringify(document) : completed(inWords(), target)}\n`);
}

/** Writes what was asked for. Throws Failure where it cannot be written; a reader that went away has what it wanted. */
export function writeOut(answer: string | Uint8Array): void {
  process.stdout.write(answer);
  const { errored } = process.stdout;
  if (errored !== null && !("code" in errored && errored.code === "EPIPE"))
    throw new Failure(`the answer could not be written: ${sayWhy(errored)}`, { cause: errored });
}

/** Rows under their titles, in columns as wide as needed. */
export function table(titles: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = [titles, ...rows].map((row) => row.map((cell) => plain(String(cell ?? "-")).replaceAll(/\s/g, " ")));
  const widths = titles.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return cells.map((row) => line(row).trimEnd()).join("\n");
}
