import { inHtml } from "@gatepost/core/html";
import { inMarkdown, printable } from "./safe.ts";

interface Link {
  label: string;
  /** Made by Gatepost: nothing that a box sent is in it. */
  url: string;
}

/** What a line is made of: words of Gatepost or of the owner of a rule, what a box sent, and links. */
export type Part = { words: string } | { value: string } | { link: Link };
export type Line = readonly Part[];

/** Every chat understands links of this form. */
export function markdownOf(line: Line): string {
  return line
    .map((part) => {
      if ("words" in part) return part.words;
      return "value" in part ? inMarkdown(part.value) : `[${part.link.label}](${part.link.url})`;
    })
    .join("");
}

export function plainOf(line: Line): string {
  return line
    .map((part) => {
      if ("words" in part) return part.words;
      return "value" in part ? printable(part.value) : `${part.link.label} ${part.link.url}`;
    })
    .join("");
}

export function htmlOf(line: Line): string {
  return line
    .map((part) => {
      if ("words" in part) return inHtml(part.words);
      if ("value" in part) return inHtml(printable(part.value));
      return `<a href="${inHtml(part.link.url)}">${inHtml(part.link.label)}</a>`;
    })
    .join("");
}

/** As many lines as fit, joined; the bytes of a line that does not fit even alone are cut at a character. */
export function fitting(lines: readonly string[], { between, bytes }: { between: string; bytes: number }): string {
  let text = "";
  for (const line of lines) {
    const longer = text === "" ? line : `${text}${between}${line}`;
    if (Buffer.byteLength(longer) > bytes) return text === "" ? cut(line, bytes) : text;
    text = longer;
  }
  return text;
}

function cut(text: string, bytes: number): string {
  let fits = "";
  let used = 0;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    fits += character;
  }
  return fits;
}
