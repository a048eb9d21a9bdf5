import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { otherPage } from "./page.ts";
import { relinked } from "./relink.ts";
import { stamped } from "./stamps.ts";

/*
 * For whoever has brought Chinese pages up to date: has their links lead to Chinese pages, and notes in them from which
 * words of the English ones they were written. npm run translated -- docs/bus.md README.md
 */
const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => (existsSync(root + path) ? readFileSync(root + path, "utf8") : null);
const pages = process.argv.slice(2);
if (pages.length === 0) {
  process.stderr.write("name the English pages whose Chinese ones are up to date: npm run translated -- docs/bus.md\n");
  process.exitCode = 1;
}
for (const english of pages) {
  const chinese = otherPage(english);
  writeFileSync(root + chinese, stamped(relinked(chinese, read), read(english) ?? ""));
}
