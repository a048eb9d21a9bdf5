import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder, with a slash at its end. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The environment of a user without this repository: no command of it, and no variable that npm sets for scripts. */
export function strangersEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE|VITEST|GATEPOST)/i.test(name));
  return { ...Object.fromEntries(own), PATH: path.join(delimiter) };
}

export interface Installed {
  /** Without the repository, with the packages in `node_modules`. */
  folder: string;
  /** What npm wrote while it installed. */
  said: string;
  tarballs: string[];
  remove(): void;
}

/** Packs the packages that can be published, and installs them into an empty folder. */
export function install(...options: string[]): Installed {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-package-"));
  const out = join(folder, "tarballs");
  execFileSync(process.execPath, [join(root, "scripts/pack/main.ts"), "--out", out], { stdio: "pipe" });
  const tarballs = readdirSync(out).map((file) => join(out, file));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "somebody", version: "1.0.0", private: true, type: "module" }),
  );
  const { status, stdout, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund", ...options, ...tarballs], {
    cwd: folder,
    env: strangersEnvironment(),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`npm install failed:\n${stdout}${stderr}`);
  return { folder, said: stdout + stderr, tarballs, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Paths of all files below a folder, from it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

export function manifestIn(folder: string): { dependencies?: object; scripts?: object; engines?: { node?: string } } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
