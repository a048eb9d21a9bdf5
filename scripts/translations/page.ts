import { createHash } from "node:crypto";
import { posix } from "node:path";

/** The text under one heading of a Markdown page, including the heading's line. */
export interface Section {
  level: number;
  heading: string;
  text: string;
}

/** The parts that must be the same under a heading in both languages. */
export interface Skeleton {
  /** Lines of the blocks of code, without their comments. */
  code: string[];
  /** Rows and columns of each table, as "3×2". */
  tables: string[];
  listItems: number;
  /** The texts in backticks. */
  tokens: Set<string>;
  /** Without what groups their digits: 10,000 and 1 万 are the same. */
  numbers: Set<string>;
  /** To files and headings of the repository. A foreign page may be another one in another language. */
  links: string[];
}

const codeBlocks = /^ *```[^\n]*\n[\s\S]*?^ *```$/gm;

/** The sections of a page, in order. A `#` within a block of code begins none. */
export function sectionsOf(page: string): Section[] {
  const sections: Section[] = [];
  let isCode = false;
  for (const line of page.split("\n")) {
    if (line.trimStart().startsWith("```")) isCode = !isCode;
    const [, marks = "", heading = ""] = (!isCode && /^(#+) (.+)$/.exec(line)) || [];
    const last = sections.at(-1);
    if (marks !== "") sections.push({ level: marks.length, heading, text: line });
    else if (last !== undefined) last.text += `\n${line}`;
  }
  return sections;
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}

/** Ten digits that change with the words of a section, and not with its line breaks. */
export function digestOf({ text }: Section): string {
  return createHash("sha256").update(text.replaceAll(/\s+/g, " ").trim()).digest("hex").slice(0, 10);
}

/** The path of the same page in the other language. */
export function otherPage(path: string): string {
  return path.endsWith(".zh-CN.md") ? path.replace(".zh-CN.md", ".md") : path.replace(/\.md$/, ".zh-CN.md");
}

/** @param read gives the text of a page by its path from the root. Throws if there is none. */
export function skeletonOf(path: string, { text }: Section, read: (path: string) => string): Skeleton {
  const prose = text.replaceAll(codeBlocks, "").replaceAll(/<!--[\s\S]*?-->/g, "");
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  const plain = prose.replaceAll(/\]\([^)]*\)/g, "]").replaceAll(/`[^`]*`/g, "");
  return {
    code: (text.match(codeBlocks) ?? []).flatMap(codeLines),
    tables: tablesIn(prose),
    listItems: prose.match(/^\s*(?:-|\d+\.) /gm)?.length ?? 0,
    tokens: new Set([...prose.matchAll(/`([^`]+)`/g)].map(([, token = ""]) => token)),
    numbers: numbersIn(plain),
    links: links.flatMap((link) => sameLink(path, link, read) ?? []).filter((link) => link !== ownName(path)),
  };
}

function codeLines(block: string): string[] {
  return block
    .replaceAll(/(?<=^|\s)(?:#|\/\/) .*$/gm, "")
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " ").trim());
}

function numbersIn(text: string): Set<string> {
  const numbers = text.replaceAll(/^\s*\d+\. /gm, "").matchAll(/(\d+(?:[.,:]\d+)*)(?: ?(万))?/g);
  return new Set(
    [...numbers].map(([, number = "", tenThousand]) => {
      const digits = number.replaceAll(/,(?=\d{3})/g, "");
      return tenThousand === undefined ? digits : String(Number(digits) * 10_000);
    }),
  );
}

function tablesIn(prose: string): string[] {
  const tables = prose.match(/(?:^\|.*\|$\n?)+/gm) ?? [];
  return tables.map((table) => {
    const rows = table.trim().split("\n");
    const columns = rows[1]?.match(/-\s*(?=\|)/g)?.length ?? 0;
    return `${rows.length}×${columns}`;
  });
}

const ownName = (path: string) => path.replace(".zh-CN.", ".");

/** A link as it is in both languages: the English file that it leads to, and the heading there by its number. */
function sameLink(path: string, link: string, read: (path: string) => string): string | null {
  if (/^[a-z]+:/.test(link)) return null;
  const [file = "", anchor] = link.split("#", 2);
  const target = file === "" ? path : posix.normalize(posix.join(posix.dirname(path), file));
  if (anchor === undefined || !target.endsWith(".md")) return ownName(target);
  const headings = sectionsOf(read(target)).map(({ heading }) => anchorOf(heading));
  return `${ownName(target)}#${headings.indexOf(anchor)}`;
}
