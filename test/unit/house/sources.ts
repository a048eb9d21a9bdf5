import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's folder, with a slash at its end. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Paths from the root, with slashes on every system, in a fixed order. */
export function filesOf(...patterns: string[]): string[] {
  const isOurs = (path: string) => !path.includes("node_modules");
  const found = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }));
  return found
    .map((path) => path.replaceAll("\\", "/"))
    .filter(isOurs)
    .sort();
}

export function textOf(path: string): string {
  return readFileSync(`${root}${path}`, "utf8");
}

/** One import or re-export: the module it names, and whether only types come from it. */
export interface Import {
  module: string;
  isType: boolean;
}

/** What a TypeScript text imports, statically or by `import("…")`. Examples in comments do not count. */
export function importsIn(text: string): Import[] {
  const code = text.replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, "");
  const statements = code.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;"]*?\sfrom\s+)?"([^"]+)"/gm);
  const calls = code.matchAll(/\bimport\("([^"]+)"\)/g);
  return [
    ...[...statements].map(([, type, module = ""]) => ({ module, isType: type !== undefined })),
    ...[...calls].map(([, module = ""]) => ({ module, isType: false })),
  ];
}
