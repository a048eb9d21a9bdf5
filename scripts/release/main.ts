import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import { optionsOf, wrongCall } from "../called.ts";
import { repositoryOf, repositoryOption, root } from "../pack/npm.ts";

/*
 * Makes all files of a release in one folder: the tarballs, the notices of third-party code in them, a bill of
 * materials (CycloneDX) and the checksums. It publishes nothing: .github/workflows/release.yml does, of these files.
 * npm run release -- --repository https://HOST/OWNER/NAME --out DIR
 */
const values = optionsOf({
  "dry-run": { type: "boolean", default: false },
  out: { type: "string", default: "release" },
  repository: { type: "string" },
});
const repository = repositoryOf(values.repository);
if (repository === undefined) process.stderr.write(`release: missing: ${repositoryOption}\n`);
if (repository === undefined && !values["dry-run"]) process.exit(1);

const out = resolve(values.out);
removeEarlier();
mkdirSync(out, { recursive: true });
const packing = [join(root, "scripts/pack/main.ts"), ...(repository === undefined ? [] : ["--repository", repository])];
execFileSync(process.execPath, [...packing, "--out", out], { stdio: ["ignore", "ignore", "inherit"] });
writeFileSync(join(out, "THIRD-PARTY.md"), notices());
writeFileSync(join(out, "gatepost.cdx.json"), `${JSON.stringify(bill(), null, 2)}\n`);
writeFileSync(join(out, "SHA256SUMS"), checksums());
for (const file of readdirSync(out).sort()) process.stdout.write(`${join(out, file)}\n`);

/** Removes the files of an earlier release. A folder with anything else is not touched. */
function removeEarlier(): void {
  if (!existsSync(out)) return;
  const ours =
    /^(?:gatepost(?:-client|-event-pattern)?-\d[\w.+-]*\.tgz|THIRD-PARTY\.md|gatepost\.cdx\.json|SHA256SUMS)$/;
  const inside = readdirSync(out, { withFileTypes: true });
  const other = inside.find((one) => !one.isFile() || !ours.test(one.name));
  if (other !== undefined)
    wrongCall(`${out} also contains ${other.name}, which is no file of a release: name a new folder with --out DIR`);
  for (const { name } of inside) rmSync(join(out, name));
}

/** The notices as they are in the tarball of the command. */
function notices(): string {
  const tarball = readdirSync(out).find((file) => /^gatepost-\d.*\.tgz$/.test(file));
  if (tarball === undefined) throw new Error("the tarball of the command was not made");
  return execFileSync("tar", ["-xzOf", tarball, "package/THIRD-PARTY.md"], { cwd: out, encoding: "utf8" });
}

/** All that the repository is built from, as npm's lock says. npm names it by its folder; here it has its own name. */
function bill(): object {
  const printed = execFileSync("npm", ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === "win32",
  });
  const made = z
    .looseObject({ metadata: z.looseObject({ component: z.looseObject({ name: z.string() }) }) })
    .parse(JSON.parse(printed));
  made.metadata.component.name = "gatepost";
  return made;
}

/** One line for each file, as `sha256sum --check` reads them. */
function checksums(): string {
  const digest = (file: string) =>
    createHash("sha256")
      .update(readFileSync(join(out, file)))
      .digest("hex");
  return readdirSync(out)
    .sort()
    .map((file) => `${digest(file)}  ${file}\n`)
    .join("");
}
