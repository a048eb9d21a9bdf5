import { filesOf, textOf } from "./sources.ts";

/** Where a sentence stands that a person reads in the source. */
type Kind = "comment" | "title" | "message";

/** A sentence of the source, on one line. */
export interface Sentence {
  file: string;
  line: number;
  kind: Kind;
  text: string;
}

const sources = filesOf("{packages,functions,stacks,bench,scripts,prove,test}/**/*.{ts,tsx,mjs}", "*.ts").filter(
  (file) =>
    !/^packages\/console\/dist\/|^packages\/client\/src\/schema\.ts$|^test\/unit\/house\/words(?:\.test)?\.ts$/.test(
      file,
    ),
);

/** A comment, which may have several lines that begin with slashes, or a text in quotation marks or backticks. */
const token =
  /(?<comment>\/\*[\s\S]*?\*\/|(?<=^[ \t]*)\/\/.*(?:\n[ \t]*\/\/.*)*|\/\/ .*)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/gm;

/**
 * The comments, titles of tests, and messages of a source. A message is a text of four words or more, as in answers of the
 * API and of commands; of two or more in the words of the console. Its placeholders are left out.
 */
export function sentencesIn(file: string, source: string): Sentence[] {
  const found: Sentence[] = [];
  // The code so far, without comments and with empty texts.
  let code = "";
  let [line, end] = [1, 0];
  for (const { 0: text, index, groups } of source.matchAll(token)) {
    const between = source.slice(end, index);
    code += between;
    line += linesIn(between);
    const isComment = groups?.["comment"] !== undefined;
    const words = isComment
      ? wordsOfComment(text)
      : text.slice(1, -1).replaceAll(placeholder, "{}").replaceAll(/\s+/g, " ");
    const kind = isComment ? "comment" : kindOf(words, file, code);
    if (kind !== null) found.push({ file, line, kind, text: words });
    if (!isComment) code += '""';
    line += linesIn(text);
    end = index + text.length;
  }
  return found;
}

/** `${name}` in code, `{name}` in a template. */
const placeholder = /\$?\{[^{}]*\}/g;

function linesIn(text: string): number {
  return text.split("\n").length - 1;
}

function wordsOfComment(comment: string): string {
  const lines = comment.replaceAll(/^\/\*+|\*\/$|^\/\/|\n\s*(?:\*(?!\/)|\/\/)?/g, " ");
  return lines.replaceAll(/\s+/g, " ").trim();
}

function kindOf(words: string, file: string, code: string): Kind | null {
  if (file.startsWith("test/") && isTitleBehind(code)) return "title";
  const least = file.startsWith("packages/console/src/words/") ? 2 : 4;
  return file.startsWith("packages/") && words.split(" ").length >= least ? "message" : null;
}

/** Whether the first argument of a test follows, also behind a table: `it.each([…])("…"`. */
function isTitleBehind(code: string): boolean {
  const before = code.slice(-4000).trimEnd();
  if (!before.endsWith(")(")) return before.endsWith("(") && isTest(before.slice(0, -1));
  let open = 0;
  for (let place = before.length - 2; place >= 0; place--) {
    if (before[place] === ")") open += 1;
    else if (before[place] === "(") open -= 1;
    if (open === 0) return isTest(before.slice(0, place));
  }
  return false;
}

function isTest(code: string): boolean {
  return /\b(?:it|test|describe)(?:\.\w+)*(?:<[^()]*>)?$/.test(code);
}

/** All sentences of the repository's sources. */
export function sentences(): Sentence[] {
  return sources.flatMap((file) => sentencesIn(file, textOf(file)));
}
