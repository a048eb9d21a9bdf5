import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { bundleCommand, consoleFolder } from "./bundle.ts";
import { compile, publishDeclaration } from "./declarations.ts";
import { noticesOf, noticesOfConsole } from "./notices.ts";
import { manifestOf, root, writePackage } from "./npm.ts";

/** Puts the command with all that it needs into a folder: one package, which has nothing to install but a Node. */
export async function stageCommand(staging: string): Promise<string> {
  const folder = join(staging, "gatepost");
  const dist = join(folder, "dist");
  const metafile = await bundleCommand(dist);
  typesInto(dist);
  writeFileSync(join(folder, "THIRD-PARTY.md"), `${noticesOf(metafile)}\n\n${noticesOfConsole(consoleFolder)}`);
  writePackage(folder, "cli", published());
  return folder;
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
    // The command starts itself again with the Node below if an older one runs it.
    engines: { node: ">=20" },
    optionalDependencies: { ...Object.fromEntries(nodes), sharp },
  };
}
