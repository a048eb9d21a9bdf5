import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { root } from "./npm.ts";

const require = createRequire(import.meta.url);

/** Compiles files of one package, from `src`, into JavaScript and declarations. The output has the folders of `src`. */
export function compile(name: string, files: readonly string[], out: string): void {
  const folder = mkdtempSync(`${root}node_modules/.pack-`);
  try {
    const config = {
      extends: relative(folder, `${root}tsconfig.json`),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        rewriteRelativeImportExtensions: true,
        rootDir: root,
        outDir: join(folder, "out"),
      },
      include: files.map((file) => `${root}packages/${name}/src/${file}`),
      exclude: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", folder], { stdio: "inherit" });
    mkdirSync(out, { recursive: true });
    cpSync(join(folder, "out/packages", name, "src"), out, { recursive: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a declaration imports, as `./live.ts`. */
const imported = /(\bfrom |\bimport\()"(\.[^"]+)\.ts"/g;

/** Lets a declaration name the files as they are published. Throws if it needs more than its own package. */
export function publishDeclaration(file: string): void {
  const text = readFileSync(file, "utf8");
  const foreign = /(?:\bfrom |\bimport\()"(?!\.)([^"]+)"/.exec(text)?.[1];
  if (foreign !== undefined) throw new Error(`${file} needs the types of ${foreign}, which nobody installs with it`);
  writeFileSync(file, text.replaceAll(imported, '$1"$2.js"'));
}
