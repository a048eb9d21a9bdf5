import { skipBlanks } from "./blanks.ts";
import type { Read } from "./strict.ts";

/** One line of a body that has a value on each line. */
export interface Line {
  text: string;
  read: Read;
}

/** The lines of a text that are not blank, one by one: a hostile text has millions. */
export function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const first = skipBlanks(text, from);
    if (first === text.length) return;
    const begin = Math.max(from, text.lastIndexOf("\n", first) + 1);
    const end = text.indexOf("\n", first);
    yield text.slice(begin, end < 0 ? text.length : end);
    from = end < 0 ? text.length : end + 1;
  }
}

/** The first `count` lines that are not blank. */
export function firstLines(text: string, count: number): string[] {
  const lines: string[] = [];
  for (const line of linesOf(text)) {
    if (lines.length === count) break;
    lines.push(line);
  }
  return lines;
}
