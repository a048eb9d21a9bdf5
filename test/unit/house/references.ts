import { existsSync } from "node:fs";
import { posix } from "node:path";
import { anchorOf } from "../../../scripts/translations/page.ts";
import { filesOf, root, textOf } from "./sources.ts";

/** A document without its blocks of code. */
function proseOf(text: string): string {
  return text.replaceAll(/^```[^\n]*\n[\s\S]*?^```$/gm, "");
}

/** What a numbered document can be referred to by: sections ("4.4"), dialects ("2(b)") and list items ("5.10"). */
function sectionsOf(text: string): Set<string> {
  const sections = new Set<string>();
  let section = "";
  for (const line of proseOf(text).split("\n")) {
    const [, numbered] = /^##+ (\d+(?:\.\d+)*)[. ]/.exec(line) ?? [];
    const [, letter] = /^##+ \(([a-z])\) /.exec(line) ?? [];
    const [, item] = /^(\d+)\. /.exec(line) ?? [];
    if (numbered !== undefined) section = numbered;
    if (letter !== undefined) sections.add(`${section}(${letter})`);
    if (item !== undefined) sections.add(`${section}.${item}`);
    sections.add(section);
  }
  return sections;
}

/** Why a relative link of a document leads nowhere; null if it leads to a file. */
function brokenLink(document: string, link: string): string | null {
  const [path = "", anchor] = link.split("#", 2);
  const target = path === "" ? document : posix.normalize(posix.join(posix.dirname(document), path));
  if (!existsSync(`${root}${target}`)) return `${document}: ${link} is not there`;
  if (anchor === undefined) return null;
  const anchors = proseOf(textOf(target)).matchAll(/^#+ (.+)$/gm);
  const isThere = [...anchors].some(([, heading = ""]) => anchorOf(heading) === anchor);
  return isThere ? null : `${document}: ${target} has no heading for #${anchor}`;
}

const folders = "install|packages|functions|stacks|test|bench|docs|scripts|examples|\\.ci";
const repositoryPath = new RegExp(`^(?:(?:${folders})/[^\\s]*|[a-z][\\w-]*(?:/[^\\s/:]+)+\\.(?:ts|mjs|md))$`);

/** A path in backticks that names nothing in the repository; `<name>`, `*` and `…` mean anything. */
function missingPath(document: string, token: string): string | null {
  const [path = ""] = token.split(/[#:]/, 1);
  const pattern = path.replaceAll(/<[^>]+>|…/g, "*").replace(/\/$/, "");
  const folder = posix.dirname(document);
  const isThere = [pattern, posix.join(folder, pattern)].some((one) => filesOf(one).length > 0);
  return isThere ? null : `${document}: \`${token}\` is not there`;
}

/** The references of a document that lead nowhere. */
export function brokenInDocument(document: string, text: string): string[] {
  const prose = proseOf(text);
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  const tokens = [...prose.matchAll(/`([^`\s]+)`/g)].map(([, token = ""]) => token);
  return [
    ...links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => brokenLink(document, link)),
    ...tokens.filter((token) => repositoryPath.test(token)).map((token) => missingPath(document, token)),
  ].flatMap((problem) => problem ?? []);
}

/** The sections of itself that a numbered document names as "§4.4" and does not have. */
export function brokenSections(document: string, text: string): string[] {
  const sections = sectionsOf(text);
  const named = proseOf(text).matchAll(/(?<!\.md )§(\d+(?:\.\d+)*)/g);
  return [...named].flatMap(([, section = ""]) => (sections.has(section) ? [] : [`${document}: no §${section}`]));
}

/** The comments of a source, each as one line. */
function commentsIn(text: string): string[] {
  const blocks = text.matchAll(/\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n)+|\/\/ .*$/gm);
  return [...blocks].map(([block]) => block.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, " "));
}

/** Reads "docs/formats.md §2 (b), §4.4" as the document and what is named of it. */
const sectionReference = /([\w./-]+\.md)((?:(?:,| and|) §\d+(?:\.\d+)*(?: \([a-z]\))?)*)(?:#([\w-]+))?/g;

/** Why a reference of a comment to a document leads nowhere. */
function brokenReference([, document = "", named = "", anchor]: RegExpExecArray): string[] {
  if (!existsSync(`${root}${document}`)) return [`${document} is not there`];
  const sections = sectionsOf(textOf(document));
  const numbers = [...named.matchAll(/§(\d+(?:\.\d+)*)(?: (\([a-z]\)))?/g)].map(
    ([, number, letter = ""]) => number + letter,
  );
  const missing = numbers
    .filter((section) => !sections.has(section))
    .map((section) => `${document} has no §${section}`);
  const link = anchor === undefined ? null : brokenLink(document, `#${anchor}`);
  return link === null ? missing : [...missing, link];
}

/** What is wrong with a comment that refers to a document without saying to which. */
function strayReference(comment: string): string[] {
  const rest = comment.replaceAll(sectionReference, "");
  const section = rest.includes("§") ? [`a § of no document in ${comment}`] : [];
  const document = /\b(?:DESIGN|DOMAIN|PEOPLE)\b/.test(rest) ? [`a document that is not here in ${comment}`] : [];
  return [...section, ...document];
}

/** The references of a source's comments to documents that lead nowhere, and those to no document at all. */
export function brokenInComments(source: string, text: string): string[] {
  const problems = commentsIn(text).flatMap((comment) => [
    ...[...comment.matchAll(sectionReference)].flatMap(brokenReference),
    ...strayReference(comment),
  ]);
  return problems.map((problem) => `${source}: ${problem}`);
}
