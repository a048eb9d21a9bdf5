import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stamped } from "../translations/stamps.ts";
import { chinese, english, referencePage } from "./page.ts";

/* Writes docs/reference.md and its Chinese page from the code: npm run reference */
const docs = fileURLToPath(new URL("../../docs/", import.meta.url));

const page = await referencePage(english);
writeFileSync(`${docs}reference.md`, page);
writeFileSync(`${docs}reference.zh-CN.md`, stamped(await referencePage(chinese), page));
process.stdout.write(`docs/reference.md: ${readFileSync(`${docs}reference.md`, "utf8").split("\n").length} lines\n`);
