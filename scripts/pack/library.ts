import { globSync } from "node:fs";
import { join } from "node:path";
import { compile, publishDeclaration } from "./declarations.ts";
import { manifestOf, writePackage } from "./npm.ts";

/** Puts a package that needs no other into a folder, as JavaScript with types. Gives the folder. */
export async function stageLibrary(name: string, staging: string): Promise<string> {
  const folder = join(staging, name);
  compile(name, ["**/*.ts"], join(folder, "dist"));
  for (const file of globSync("**/*.d.ts", { cwd: folder })) publishDeclaration(join(folder, file));
  writePackage(folder, name, {
    ...manifestOf(name),
    files: ["dist"],
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
  });
  return folder;
}
