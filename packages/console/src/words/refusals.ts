/** A sentence of the server with what it fills in as groups, and the same in another language. */
type Sentence = readonly [form: RegExp, words: string];

/** Parts of what the server says, as it joins them: `name: may have 64 characters; type: …`. */
const joint = "; ";
const withPath = /^([\w.[\]-]+): (.+)$/s;

/**
 * Makes of a table (see zh-refusals.ts) what says in its language why the server refused, or null where the table has no
 * sentence for it.
 */
export function refusalsIn(table: Readonly<Record<string, string>>): (detail: string) => string | null {
  const sentences = Object.entries(table).map(([english, words]): Sentence => [formOf(english), words]);
  const one = (text: string): string | null => {
    for (const [form, words] of sentences) {
      const filled = form.exec(text)?.slice(1);
      if (filled !== undefined)
        return fill(
          words,
          filled.map((part) => all(part) ?? part),
        );
    }
    const [, path, rest] = withPath.exec(text) ?? [];
    const said = rest === undefined ? null : one(rest);
    return said === null ? null : `${path}: ${said}`;
  };
  const all = (text: string): string | null => {
    const whole = one(text);
    if (whole !== null) return whole;
    for (let at = text.lastIndexOf(joint); at > 0; at = text.lastIndexOf(joint, at - 1)) {
      const [first, rest] = [all(text.slice(0, at)), one(text.slice(at + joint.length))];
      if (first !== null && rest !== null) return `${first}; ${rest}`;
    }
    return null;
  };
  return all;
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
