/** A picture that appears in a body only by its size. */
export interface FoldedPicture {
  path: string;
  bytes: number;
}

const marked = /\{\s*"\$picture":\s*(\{[^{}]*\})\s*\}/g;

/** A body in pieces: text, and pictures that were folded out of it. A body that is no text is written as JSON first. */
export function piecesOf(body: unknown): (string | FoldedPicture)[] {
  const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  const pieces: (string | FoldedPicture)[] = [];
  let end = 0;
  for (const match of text.matchAll(marked)) {
    const picture = pictureOf(match[1] ?? "");
    if (picture === null) continue;
    pieces.push(text.slice(end, match.index), picture);
    end = match.index + match[0].length;
  }
  return [...pieces, text.slice(end)].filter((piece) => piece !== "");
}

function pictureOf(json: string): FoldedPicture | null {
  try {
    const { path, bytes }: { path?: unknown; bytes?: unknown } = JSON.parse(json);
    return typeof path === "string" && typeof bytes === "number" ? { path, bytes } : null;
  } catch {
    return null;
  }
}
