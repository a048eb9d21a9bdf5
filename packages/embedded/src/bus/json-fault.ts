/** A place in a text, counted from 1. */
export interface TextPosition {
  line: number;
  column: number;
}

const token =
  /[ \t\n\r]*(?:(?<text>"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?<scalar>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|(?<mark>[[\]{},:]))/uy;

/** The tokens that may follow: `[]` means a value or the end of an empty list, `{}` a name or the end. */
type Expected = "value" | "[]" | "name" | "{}" | ":" | "next" | "end";

/**
 * The place at which a text stops being JSON. The messages of the engine lack it for many faults, and quote the text,
 * which may contain a secret.
 */
export function jsonFaultAt(text: string): TextPosition {
  const open: string[] = [];
  let expected: Expected = "value";
  token.lastIndex = 0;
  for (let at = 0; ; at = token.lastIndex) {
    token.lastIndex = at;
    const groups = token.exec(text)?.groups;
    const after: Expected | null = groups === undefined ? null : next(expected, groups, open);
    if (after === null) return placeOf(text, at + (/^[ \t\n\r]*/.exec(text.slice(at))?.[0].length ?? 0));
    expected = after;
  }
}

export function placeOf(text: string, at: number): TextPosition {
  const before = text.slice(0, at);
  return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
}

const values: readonly Expected[] = ["value", "[]"];

/** The tokens in whose place each kind of token is allowed. */
const allowed: Readonly<Record<string, readonly Expected[]>> = {
  value: values,
  "[": values,
  "{": values,
  name: ["name", "{}"],
  ":": [":"],
  ",": ["next"],
  "]": ["[]", "next"],
  "}": ["{}", "next"],
};

/** The tokens that may follow a token; null if the token itself may not be there. */
function next(expected: Expected, { text, mark }: Record<string, string | undefined>, open: string[]): Expected | null {
  const isName = text !== undefined && allowed["name"]?.includes(expected);
  const kind = mark ?? (isName ? "name" : "value");
  if (!allowed[kind]?.includes(expected)) return null;
  switch (kind) {
    case "name":
      return ":";
    case ":":
      return "value";
    case ",":
      return open.at(-1) === "[" ? "value" : "name";
    case "[":
    case "{":
      open.push(kind);
      return kind === "[" ? "[]" : "{}";
    case "]":
    case "}":
      if (open.pop() !== (kind === "]" ? "[" : "{")) return null;
  }
  return open.length === 0 ? "end" : "next";
}
