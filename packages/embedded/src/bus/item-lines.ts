/** The line on which each item of a JSON array begins, the first being 1. The text must be valid JSON. */
export function itemLines(text: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let isBefore = false;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|\n|[[{]|[\]}]|,|[^\s,[\]{}"]+/g)) {
    if (token === "\n") {
      line += 1;
      continue;
    }
    if (depth === 1 && isBefore && token !== "]") lines.push(line);
    isBefore = (depth === 0 && token === "[") || (depth === 1 && token === ",");
    if (token === "[" || token === "{") depth += 1;
    if (token === "]" || token === "}") depth -= 1;
  }
  return lines;
}
