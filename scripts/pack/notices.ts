import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Metafile } from "esbuild";
import * as z from "zod";
import { root } from "./npm.ts";

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string() });

/** Licences under which a part may be in what we publish. */
const accepted = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"]);

/** The text that goes with a bundle: name, version and licence of each part and list that is not ours. */
export function noticesOf({ inputs }: Metafile): string {
  const folders = new Set(
    Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []),
  );
  const lists = Object.keys(inputs).filter((path) => path.endsWith(".json") && existsSync(licenceBeside(path)));
  return [...[...folders].sort().map(noticeOf), ...lists.map(noticeOfList)].join("\n\n");
}

/** The file with the licence of a list: `most-used.LICENSE.txt` beside `most-used.json`. */
function licenceBeside(path: string): string {
  return join(root, path.replace(/\.json$/, ".LICENSE.txt"));
}

function noticeOfList(path: string): string {
  return `## ${basename(path)}\n\n${readFileSync(licenceBeside(path), "utf8").trim()}`;
}

function noticeOf(folder: string): string {
  const { name, version, license } = manifest.parse(
    JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")),
  );
  if (!accepted.has(license)) throw new Error(`${name} is under ${license}, which nobody has looked at`);
  const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e(?:\.\w+)?$/i.test(one));
  const text = file === undefined ? "" : `\n\n${readFileSync(join(root, folder, file), "utf8").trim()}`;
  return `## ${name} ${version} (${license})${text}`;
}

/** The same for the console, as its build has written it. Throws if the console is not built. */
export function noticesOfConsole(dist: string): string {
  const file = join(dist, ".vite/license.md");
  if (!existsSync(file)) throw new Error("the console is not built: `npm run prepare` makes it");
  return readFileSync(file, "utf8");
}
