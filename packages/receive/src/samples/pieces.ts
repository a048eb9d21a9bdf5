/** A value in a body, as the sender meant it: without escapes and encodings. */
export interface BodyValue {
  text: string;
  /** The name of its member, field or element; "" if it has none. */
  name: string;
  /**
   * `number`: it is not in quotes, so it must stay a number. `unread`: a text that cannot be parsed, of which no word
   * stays. `bytes`: one character for each byte.
   */
  kind: "text" | "number" | "unread" | "bytes";
}

/** A piece that is a value. */
export function value(text: string, name: string, kind: BodyValue["kind"] = "text"): BodyValue {
  return { text, name, kind };
}

/** Pieces in an encoding, as the escapes of JSON or base64. */
interface EncodedPieces {
  pieces: readonly BodyPiece[];
  /** Writes the text of the pieces, which may be another one, in the encoding. */
  write(text: string): string;
}

/** A part of a body: text that stays as it is, a value, or pieces in an encoding. */
export type BodyPiece = string | BodyValue | EncodedPieces;

/** The pieces as one text, with another text for each value. */
export function join(pieces: readonly BodyPiece[], textOf: (value: BodyValue) => string): string {
  return pieces
    .map((piece) => {
      if (typeof piece === "string") return piece;
      return "pieces" in piece ? piece.write(join(piece.pieces, textOf)) : textOf(piece);
    })
    .join("");
}

/** All values, in their order. */
export function* valuesIn(pieces: readonly BodyPiece[]): Generator<BodyValue> {
  for (const piece of pieces) {
    if (typeof piece === "string") continue;
    if ("pieces" in piece) yield* valuesIn(piece.pieces);
    else yield piece;
  }
}

/** A part of an encoded text, as it is written and as it is meant. */
export interface Segment {
  raw: string;
  text: string;
  /** Writes another text of the same length in the same way. */
  write(text: string): string;
}

/** A text that means itself. */
export const plainSegment = (text: string): Segment => ({ raw: text, text, write: String });

/** The segments of a text in which a pattern finds the escapes. */
export function escapedSegments(
  raw: string,
  escapes: RegExp,
  read: (sent: string) => Pick<Segment, "text" | "write">,
): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const match of raw.matchAll(escapes)) {
    segments.push(plainSegment(raw.slice(from, match.index)));
    segments.push({ raw: match[0], ...read(match[0]) });
    from = match.index + match[0].length;
  }
  return [...segments, plainSegment(raw.slice(from))];
}

/** The pieces of a text, encoded as its segments are. */
export function encoded(pieces: readonly BodyPiece[], segments: readonly Segment[]): BodyPiece[] {
  if (segments.every(({ raw, text }) => raw === text)) return [...pieces];
  const write = (whole: string) => {
    let at = 0;
    return segments
      .map(({ raw, text, write: writeOne }) => {
        const part = whole.slice(at, at + text.length);
        at += text.length;
        return part === text ? raw : writeOne(part);
      })
      .join("");
  };
  return [{ pieces, write }];
}

/** A text cannot be written in this place, or contains another value of the body. Another choice may do. */
export class Collision extends Error {}
