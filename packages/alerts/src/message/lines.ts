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

/** How a channel writes each kind of part. */
interface Markup {
  words(text: string): string;
  value(text: string): string;
  link(link: Link): string;
}

/** A function that writes lines in the markup of a channel. */
export function linesIn({ words, value, link }: Markup): (line: Line) => string {
  const written = (part: Part) => {
    if ("words" in part) return words(part.words);
    return "value" in part ? value(part.value) : link(part.link);
  };
  return (line) => line.map(written).join("");
}

const unchanged = (text: string) => text;

/** Most chats understand links of this form. */
export const markdownOf = linesIn({
  words: unchanged,
  value: inMarkdown,
  link: ({ label, url }) => `[${label}](${url})`,
});

export const plainOf = linesIn({ words: unchanged, value: printable, link: ({ label, url }) => `${label} ${url}` });

/** A link in HTML. */
export const htmlLink = ({ label, url }: Link) => `<a href="${inHtml(url)}">${inHtml(label)}</a>`;

export const htmlOf = linesIn({ words: inHtml, value: (text) => inHtml(printable(text)), link: htmlLink });

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
