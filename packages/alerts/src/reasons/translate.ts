/** A sentence of the server, around what it fills in, and the same in another language. */
type Sentence = readonly [parts: readonly string[], words: string];

/** Parts of what the server says, as it joins them: `name: may have 64 characters; type: …`. */
const joint = "; ";
const withPath = /^([\w.[\]-]+): (.+)$/s;

/** Characters of a refusal that is translated: a longer one quotes the request. */
const maxLength = 1000;

/**
 * Translates sentences of the server by a table of them. Returns null if the table has no sentence for one.
 */
export function refusalsIn(table: Readonly<Record<string, string>>): (detail: string) => string | null {
  const sentences = Object.entries(table).map(([english, words]): Sentence => [english.split("{}"), words]);
  return (detail) => (detail.length > maxLength ? null : new Translation(sentences).all(detail));
}

/** One refusal. Each part of it is looked for once, in however many ways it can be put together. */
class Translation {
  readonly #sentences: readonly Sentence[];
  readonly #known = new Map<string, string | null>();

  constructor(sentences: readonly Sentence[]) {
    this.#sentences = sentences;
  }

  all(text: string): string | null {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const said = this.#one(text, isOfOne) ?? this.#joined(text) ?? this.#one(text, () => true);
    this.#known.set(text, said);
    return said;
  }

  #joined(text: string): string | null {
    for (let at = text.lastIndexOf(joint); at > 0; at = text.lastIndexOf(joint, at - 1)) {
      const last = this.#one(text.slice(at + joint.length), isOfOne);
      const first = last === null ? null : this.all(text.slice(0, at));
      if (first !== null) return `${first}; ${last}`;
    }
    return null;
  }

  #one(text: string, mayFill: (part: string) => boolean): string | null {
    for (const [parts, words] of this.#sentences) {
      const filled = filledIn(parts, text);
      if (!filled?.every(mayFill)) continue;
      return fill(
        words,
        filled.map((part) => this.all(part) ?? part),
      );
    }
    const [, path, rest] = withPath.exec(text) ?? [];
    const said = rest === undefined ? null : this.#one(rest, mayFill);
    return said === null ? null : `${path}: ${said}`;
  }
}

const isOfOne = (part: string) => !part.includes(joint);

/** The texts between the parts of a sentence; null if the text is another one. */
function filledIn([first = "", ...others]: readonly string[], text: string): string[] | null {
  if (!text.startsWith(first)) return null;
  const last = others.pop();
  if (last === undefined) return text === first ? [] : null;
  const filled: string[] = [];
  let at = first.length;
  for (const part of others) {
    const next = text.indexOf(part, at);
    if (next < 0) return null;
    filled.push(text.slice(at, next));
    at = next + part.length;
  }
  const end = text.length - last.length;
  return end >= at && text.endsWith(last) ? [...filled, text.slice(at, end)] : null;
}

/** `{}` is the next that was filled in, `{1}` the second of all. */
function fill(words: string, filled: readonly string[]): string {
  let at = 0;
  return words.replaceAll(/\{(\d?)\}/g, (_, number: string) => filled[number === "" ? at++ : Number(number)] ?? "");
}
