import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A block of shell commands in a document, unchanged. */
export interface ShellBlock {
  page: string;
  text: string;
}

/** The English documents that tell people what to type; a test compares the Chinese ones with them. */
export const pages = [
  "README.md",
  ...readdirSync(`${root}docs`, { encoding: "utf8", recursive: true }).map((name) => `docs/${name}`),
]
  .filter((path) => path.endsWith(".md") && !path.endsWith(".zh-CN.md"))
  .sort();

const textOf = (page: string) => readFileSync(`${root}${page}`, "utf8");

/** The blocks of a page in `sh`, and those without a language whose lines are commands of ours. */
export function shellBlocks(page: string): ShellBlock[] {
  const blocks = textOf(page).matchAll(/^ *```([^\n]*)\n([\s\S]*?)^ *```$/gm);
  return [...blocks].flatMap(([, language = "", text = ""]) =>
    language === "sh" || (language === "" && /^npx gatepost /m.test(text)) ? [{ page, text }] : [],
  );
}

/** The commands of a block: continued lines as one, without comments. */
export function commandsIn({ text }: ShellBlock): string[] {
  const lines = text.replaceAll(/\s*\\\n\s*/g, " ").split("\n");
  return lines.map((line) => line.replace(/(?:^|\s)#.*$/, "").trim()).filter((line) => line !== "");
}
