import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome } from "../outcome.ts";
import { scratch } from "../power/scratch.ts";
import { mutants } from "./list.ts";
import type { Mutant } from "./mutant.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** ms that a proof may take on a busy machine. One that takes longer hangs, and has found nothing. */
const maxMs = 900_000;

/** The files of the repository that a copy needs. */
const copied = ["package.json", "packages", "prove", "test/support", "test/events", "test/fixtures", "test/contract"];

/** Applies each mutant to a copy of the repository, and lets `prove` find it. */
export async function proveMutants(names: readonly string[], print: (line: string) => void): Promise<Outcome> {
  const chosen = mutants.filter(({ name }) => names.length === 0 || names.includes(name));
  await using folder = await scratch();
  await copyTo(folder.path);
  const findings: string[] = [];
  for (const mutant of chosen) {
    const began = Date.now();
    const finding = await caught(mutant, folder.path, print);
    const seconds = Math.round((Date.now() - began) / 1000);
    print(`mutant ${mutant.name}: ${finding === null ? "NOT CAUGHT" : `caught, ${finding}`} (${seconds} s)`);
    if (finding === null) findings.push(`mutant ${mutant.name} is not caught: ${mutant.why}`);
  }
  return { done: `${chosen.length - findings.length} of ${chosen.length} mutants caught`, findings };
}

/** The first finding of `prove` for a mutant; null if it finds nothing. */
async function caught(
  { file, text, becomes, caughtBy }: Mutant,
  copy: string,
  print: (line: string) => void,
): Promise<string | null> {
  const path = join(copy, file);
  const original = await readFile(path, "utf8");
  if (original.split(text).length !== 2) throw new Error(`the text of a mutant is not once in ${file}: ${text}`);
  await writeFile(
    path,
    original.replace(text, () => becomes),
  );
  const args = [join(copy, "prove/run.ts"), ...caughtBy];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8", timeout: maxMs });
  await writeFile(path, original);
  const finding = /^FINDING (.*)$/m.exec(stdout)?.[1]?.slice(0, 160);
  // A rig that fails by itself has found nothing.
  if (finding === undefined && !/: 0 findings$/m.test(stdout))
    print(`prove failed: ${stdout.slice(-500)}\n${stderr.slice(-2000)}`);
  return finding ?? null;
}

async function copyTo(copy: string): Promise<void> {
  const isOwn = (path: string) => !path.includes("node_modules") && !path.includes("prove/found");
  for (const name of copied) {
    await cp(join(repository, name), join(copy, name), { recursive: true, filter: isOwn });
  }
  await linkModules(join(repository, "node_modules"), join(copy, "node_modules"));
}

/** Links the installed packages, except those of the repository: the copy has its own. */
async function linkModules(from: string, to: string): Promise<void> {
  await mkdir(join(to, "@gatepost"), { recursive: true });
  for (const name of await readdir(from)) {
    if (name !== "@gatepost" && name !== ".cache") await symlink(join(from, name), join(to, name));
  }
  const packages = join(to, "../packages");
  for (const name of await readdir(packages)) {
    await symlink(join(packages, name), join(to, "@gatepost", name));
    // A dependency whose version differs from the one of the others is installed in its package.
    const own = join(from, "../packages", name, "node_modules");
    if (existsSync(own)) await symlink(own, join(packages, name, "node_modules"));
  }
}
