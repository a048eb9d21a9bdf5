import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const docs = new URL("../../../../docs/", import.meta.url);
const document = await readFile(new URL("bus.md", docs), "utf8");

/** The JSON Schema of the entries, which the document of the bus links to. */
export const schemaPath = fileURLToPath(new URL("bus.schema.json", docs));

/** The code blocks of the document in that language. */
export const blocks = (language: string) =>
  [...document.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, code = ""]) => code);
