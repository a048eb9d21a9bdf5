import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The document of the bus. */
export const path = fileURLToPath(new URL("../../../../docs/bus.md", import.meta.url));
export const document = await readFile(path, "utf8");

/** The code blocks of the document in that language. */
export const blocks = (language: string) =>
  [...document.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, code = ""]) => code);
