import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { namesOf } from "../called.ts";
import { otherPage } from "./page.ts";
import { relinked } from "./relink.ts";
import { stamped } from "./stamps.ts";

/*
 * For translators who have brought Chinese pages up to date: notes in them from which words of the English ones they
 * were written.
 * npm run translated -- docs/bus.md README.md
 * And has the links of all Chinese pages lead to Chinese pages.
 */
const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => (existsSync(root + path) ? readFileSync(root + path, "utf8") : null);

const pages = globSync("{.,docs}/*.md", { cwd: root }).filter(
  (page) => !page.endsWith(".zh-CN.md") && read(otherPage(page)) !== null,
);
for (const english of namesOf(pages)) {
  const chinese = otherPage(english);
  writeFileSync(root + chinese, stamped(read(chinese) ?? "", read(english) ?? ""));
}
for (const chinese of globSync("{.,docs}/*.zh-CN.md", { cwd: root }))
  writeFileSync(root + chinese, relinked(chinese, read));
