/** How the base64 of JPEG and PNG begins, also in JSON that escapes slashes. */
const beginnings = ["/9j/", "/9j\\/", "iVBORw0KGgo"];
const blank = 0x20;
const plus = 0x2b;

/** Characters of base64, blanks, and the backslashes that JSON may write before slashes. */
const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\\ ";
const belonging = Array.from({ length: 128 }, (_, code) => characters.includes(String.fromCharCode(code)));

/**
 * Restores the base64 of JPEG and PNG, also within JSON, in a form whose `+` was not encoded and so arrived as a blank.
 */
export function withPluses(text: string): string {
  if (!text.includes(" ")) return text;
  const pieces: string[] = [];
  const pictures = new Pictures(text);
  let from = 0;
  for (let at = pictures.next(0); at >= 0; at = pictures.next(from)) {
    const end = endOfPicture(text, at);
    const bytes = Buffer.from(text.slice(at, end), "latin1");
    for (let place = 0; place < bytes.length; place++) if (bytes[place] === blank) bytes[place] = plus;
    pieces.push(text.slice(from, at), bytes.toString("latin1"));
    from = end;
  }
  return pieces.join("") + text.slice(from);
}

/** Finds beginnings of pictures in a text. Each search goes on from the last place where that beginning was found. */
class Pictures {
  readonly #text: string;
  readonly #found: { beginning: string; at: number }[];

  constructor(text: string) {
    this.#text = text;
    this.#found = beginnings.map((beginning) => ({ beginning, at: text.indexOf(beginning) }));
  }

  /** The first beginning of a picture from `from` on; -1 where there is none. */
  next(from: number): number {
    for (const one of this.#found) {
      if (one.at >= 0 && one.at < from) one.at = this.#text.indexOf(one.beginning, from);
    }
    const places = this.#found.flatMap(({ at }) => (at < 0 ? [] : [at]));
    return places.length === 0 ? -1 : Math.min(...places);
  }
}

function endOfPicture(text: string, from: number): number {
  let end = from;
  while (end < text.length && belonging[text.charCodeAt(end)] === true) end += 1;
  return end;
}
