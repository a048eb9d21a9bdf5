import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { wrongCall } from "../called.ts";

/** The repository's folder, with a slash at its end. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The form of the option that says where packages come from. */
export const repositoryOption = "--repository https://HOST/OWNER/NAME, where the packages say that they come from";

/** The address of the repository, if it was given; one in another form ends the script. */
export function repositoryOf(url: string | undefined): string | undefined {
  if (url === undefined || /^https:\/\/[\w.-]+(?:\/[\w.-]+){2,}(?<!\.git)$/.test(url)) return url;
  return wrongCall(`${url} is not as in ${repositoryOption}`);
}

/** What a published package.json takes over from the one in the repository. */
const manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  type: z.literal("module"),
  keywords: z.array(z.string()).optional(),
  sideEffects: z.boolean().optional(),
  engines: z.record(z.string(), z.string()).optional(),
});

export function manifestOf(name: string) {
  const {
    name: published,
    version,
    description,
    license,
    type,
    keywords,
    sideEffects,
    engines,
  } = manifest.parse(JSON.parse(readFileSync(`${root}packages/${name}/package.json`, "utf8")));
  return { name: published, version, description, license, type, keywords, sideEffects, engines };
}

/** Writes what each published package has: its manifest, its README and the licence. */
export function writePackage(folder: string, source: string, published: object): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
  copyFileSync(`${root}LICENSE`, join(folder, "LICENSE"));
  // A separate README for users without the repository.
  const readme = [`${root}packages/${source}/README.npm.md`, `${root}packages/${source}/README.md`].find(existsSync);
  if (readme !== undefined) copyFileSync(readme, join(folder, "README.md"));
}

/** Says in a package where its repository is: npm's page of it links there, and provenance compares it. */
export function nameRepository(folder: string, url: string): void {
  const file = join(folder, "package.json");
  const named = {
    ...JSON.parse(readFileSync(file, "utf8")),
    repository: { type: "git", url: `git+${url}.git` },
    bugs: { url: `${url}/issues` },
    homepage: `${url}#readme`,
  };
  writeFileSync(file, `${JSON.stringify(named, null, 2)}\n`);
}

/** Packs a folder as npm would publish it. Gives the tarball. Throws if npm fails. */
export function packFolder(folder: string, out: string): string {
  const printed = execFileSync("npm", ["pack", folder, "--pack-destination", out, "--json"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
  const packed = z
    .array(z.object({ filename: z.string() }))
    .or(z.record(z.string(), z.object({ filename: z.string() })));
  const [made] = Object.values(packed.parse(JSON.parse(printed)));
  if (made === undefined) throw new Error(`npm packed nothing of ${folder}`);
  return join(out, made.filename);
}
