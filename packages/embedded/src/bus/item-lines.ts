/** The place of an item of a JSON array in its text: its first line, counted from 1, and its characters. */
export interface ItemRange {
  line: number;
  start: number;
  end: number;
}

/** The place of each item of a JSON array. The text must be valid JSON. */
export function itemRanges(text: string): ItemRange[] {
  const ranges: ItemRange[] = [];
  let line = 1;
  let depth = 0;
  let isBefore = false;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|\n|[[{]|[\]}]|,|[^\s,[\]{}"]+/g)) {
    if (token === "\n") {
      line += 1;
      continue;
    }
    const end = index + token.length;
    if (depth === 1 && isBefore && token !== "]") ranges.push({ line, start: index, end });
    isBefore = (depth === 0 && token === "[") || (depth === 1 && token === ",");
    depth += stepOf(token);
    const last = ranges.at(-1);
    if (last !== undefined && depth === 1 && stepOf(token) < 0) last.end = end;
  }
  return ranges;
}

function stepOf(token: string): -1 | 0 | 1 {
  if (token === "[" || token === "{") return 1;
  return token === "]" || token === "}" ? -1 : 0;
}
