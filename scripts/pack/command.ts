import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import * as z from "zod";
import { banner } from "../synth/banner.ts";
import { compile, publishDeclaration } from "./declarations.ts";
import { noticesOf, noticesOfConsole } from "./notices.ts";
import { manifestOf, root, writePackage } from "./npm.ts";
import { inPlace } from "./places.ts";

const sourceOf = (path: string) => resolve(root, "packages", path);

/** What is started or loaded by its name, beside each other in the package. */
const entries: Record<string, string> = {
  main: sourceOf("cli/src/main.ts"),
  index: sourceOf("cli/src/index.ts"),
  bridge: sourceOf("bridge/src/main.ts"),
  "copier-thread": sourceOf("sqlite/src/copier-thread.ts"),
  "reader-thread": sourceOf("sqlite/src/reader-thread.ts"),
};

const consoleFolder = sourceOf("console/dist");

/** Puts the command with all that it needs into a folder: one package, which has nothing to install but a Node. */
export async function stageCommand(staging: string): Promise<string> {
  const folder = join(staging, "gatepost");
  const dist = join(folder, "dist");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: dist,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // What fails is said with the names that it has in the sources.
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    external: ["sharp"],
    banner: { js: banner },
    logLevel: "warning",
    metafile: true,
    plugins: [
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
  typesInto(dist);
  writeFileSync(join(folder, "THIRD-PARTY.md"), `${noticesOf(metafile)}\n\n${noticesOfConsole(consoleFolder)}`);
  writePackage(folder, "cli", published());
  return folder;
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

/** The types of the library. They name nothing of any other file: that is what `index.ts` promises. */
function typesInto(dist: string): void {
  const made = join(dist, "..", "types");
  compile("cli", ["index.ts"], made);
  const declaration = join(dist, "index.d.ts");
  cpSync(join(made, "index.d.ts"), declaration);
  publishDeclaration(declaration);
}

const builds = z.record(z.string(), z.object({ version: z.string() }));
const depending = z.object({ dependencies: z.object({ sharp: z.string() }) });
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

function published(): object {
  // Exactly the Nodes of which the hashes are kept.
  const nodes = Object.entries(builds.parse(read("install/node.json"))).map(([platform, { version }]) => [
    `node-${platform}`,
    version,
  ]);
  const { sharp } = depending.parse(read("packages/simulator/package.json")).dependencies;
  return {
    ...manifestOf("cli"),
    files: ["dist", "THIRD-PARTY.md"],
    bin: { gatepost: "dist/bin.mjs" },
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" },
    // The command starts itself again with the Node below where it is run by an older one.
    engines: { node: ">=20" },
    optionalDependencies: { ...Object.fromEntries(nodes), sharp },
  };
}
