/** A sentence of the server with what it fills in as groups, and the same in another language. */
type Sentence = readonly [form: RegExp, words: string];

/** Parts of what the server says, as it joins them: `name: may have 64 characters; type: …`. */
const joint = "; ";
const withPath = /^([\w.[\]-]+): (.+)$/s;

/** Characters of a refusal that is translated: a longer one quotes what was sent. */
const maxLength = 1000;

/**
 * Makes of a table (see zh-refusals.ts) what says in its language why the server refused, or null where the table has no
 * sentence for it.
 */
export function refusalsIn(table: Readonly<Record<string, string>>): (detail: string) => string | null {
  const sentences = Object.entries(table).map(([english, words]): Sentence => [formOf(english), words]);
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
    const said = this.#one(text) ?? this.#joined(text);
    this.#known.set(text, said);
    return said;
  }

  #joined(text: string): string | null {
    for (let at = text.lastIndexOf(joint); at > 0; at = text.lastIndexOf(joint, at - 1)) {
      const rest = this.#one(text.slice(at + joint.length));
      const first = rest === null ? null : this.all(text.slice(0, at));
      if (first !== null) return `${first}；${rest}`;
    }
    return null;
  }

  #one(text: string): string | null {
    for (const [form, words] of this.#sentences) {
      const filled = form.exec(text)?.slice(1);
      if (filled === undefined) continue;
      return fill(
        words,
        filled.map((part) => this.all(part) ?? part),
      );
    }
    const [, path, rest] = withPath.exec(text) ?? [];
    const said = rest === undefined ? null : this.#one(rest);
    return said === null ? null : `${path}：${said}`;
  }
}

function formOf(english: string): RegExp {
  const parts = english.split("{}").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("(.*?)")}$`, "s");
}

/** `{}` is the next that was filled in, `{1}` the second of all. */
function fill(words: string, filled: readonly string[]): string {
  let at = 0;
  return words.replaceAll(/\{(\d?)\}/g, (_, number: string) => filled[number === "" ? at++ : Number(number)] ?? "");
}
