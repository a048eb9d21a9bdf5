import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { banner } from "../synth/banner.ts";
import { lazyHttp } from "./built-ins.ts";
import { root } from "./npm.ts";
import { inPlace } from "./places.ts";

const sourceOf = (path: string) => resolve(root, "packages", path);

/** The files that are started or loaded by their names, beside each other in the package. */
const entries: Record<string, string> = {
  main: sourceOf("cli/src/main.ts"),
  index: sourceOf("cli/src/index.ts"),
  bridge: sourceOf("bridge/src/main.ts"),
  "copier-thread": sourceOf("sqlite/src/copier-thread.ts"),
  "body-thread": sourceOf("embedded/src/runtime/bodies/body-thread.ts"),
  "reader-thread": sourceOf("sqlite/src/reader-thread.ts"),
};

export const consoleFolder = sourceOf("console/dist");

/** Bundles the command into a folder, with the console beside it: `bin.mjs` there is started by any Node from 20 on. */
export async function bundleCommand(dist: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: dist,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // Errors show the names of the sources.
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    external: ["sharp"],
    banner: { js: banner },
    logLevel: "warning",
    metafile: true,
    plugins: [
      lazyHttp,
      inPlace(
        new Map([
          ...Object.entries(entries).map(([name, path]) => [path, `./${name}.js`] as const),
          [consoleFolder, "./console/"],
        ]),
      ),
    ],
  });
  copyConsole(dist);
  copyStarter(dist);
  return metafile;
}

function copyConsole(dist: string): void {
  cpSync(consoleFolder, join(dist, "console"), { recursive: true, filter: (path) => !path.includes(".vite") });
}

/** The file that npm links as the command: it is plain JavaScript already. */
function copyStarter(dist: string): void {
  const text = readFileSync(sourceOf("cli/src/bin.mjs"), "utf8");
  if (!text.includes('"./main.ts"')) throw new Error("packages/cli/src/bin.mjs does not import ./main.ts");
  writeFileSync(join(dist, "bin.mjs"), text.replaceAll('"./main.ts"', '"./main.js"'), { mode: 0o755 });
}
