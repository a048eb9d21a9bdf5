import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./install.ts";

const folder = mkdtempSync(join(tmpdir(), "gatepost-release-"));
const out = join(folder, "release");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function release(...args: string[]) {
  const script = join(root, "scripts/release/main.ts");
  return spawnSync(process.execPath, [script, "--out", out, ...args], { encoding: "utf8" });
}

it("`npm run release` makes nothing without the repository, and names the missing option", () => {
  const { status, stderr } = release();
  expect([status, stderr]).toEqual([1, expect.stringContaining("missing: --repository https://HOST/OWNER/NAME")]);
  expect(release("--repository", "git@host.example:owner/name.git").status).toBe(2);
  expect(existsSync(out)).toBe(false);
});

it.each([
  ["thesis.md", []],
  ["gatepost-of-mine.tgz", ["--dry-run"]],
  ["gatepost-1.0.0.tgz/letters", ["--dry-run"]],
])("`npm run release -- --out` does not touch a folder with %s", (file, more) => {
  const taken = mkdtempSync(join(folder, "taken-"));
  mkdirSync(join(taken, file, ".."), { recursive: true });
  writeFileSync(join(taken, file), "mine");
  const script = join(root, "scripts/release/main.ts");
  const options = ["--repository", "https://git.example/owner/name", "--out", taken, ...more];
  const { status, stderr } = spawnSync(process.execPath, [script, ...options], { encoding: "utf8" });
  const [name] = file.split("/");
  const why = `${taken} also contains ${name}, which is no file of a release: name a new folder with --out DIR\n`;
  expect([status, stderr]).toEqual([2, why]);
  expect(readFileSync(join(taken, file), "utf8")).toBe("mine");
});

describe("`npm run release -- --dry-run`", () => {
  let printed: string[];
  beforeAll(() => {
    const { status, stdout, stderr } = release("--dry-run");
    expect([status, stderr]).toEqual([0, expect.stringContaining("missing: --repository")]);
    printed = stdout.trim().split("\n");
  }, 600_000);

  const read = (file: string) => readFileSync(join(out, file), "utf8");

  it("makes three tarballs, notices, a bill of materials and checksums, and prints their paths", () => {
    const tarballs = ["gatepost", "gatepost-client", "gatepost-event-pattern"].map((name) => `${name}-${version}.tgz`);
    const files = [...tarballs, "SHA256SUMS", "THIRD-PARTY.md", "gatepost.cdx.json"].sort();
    expect(readdirSync(out).sort()).toEqual(files);
    expect(printed).toEqual(files.map((file) => join(out, file)));
  });

  it("has a checksum of every other file", () => {
    const listed = read("SHA256SUMS")
      .trim()
      .split("\n")
      .map((line) => line.split("  "));
    expect(listed.map(([, file]) => file)).toEqual(
      readdirSync(out)
        .filter((file) => file !== "SHA256SUMS")
        .sort(),
    );
    for (const [digest, file = ""] of listed)
      expect(
        createHash("sha256")
          .update(readFileSync(join(out, file)))
          .digest("hex"),
        file,
      ).toBe(digest);
  });

  it("has a bill of materials of Gatepost's dependencies, without local paths", () => {
    const bill = JSON.parse(read("gatepost.cdx.json")) as {
      bomFormat: string;
      metadata: { component: { name: string; version: string } };
      components: { name: string }[];
    };
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name: "gatepost", version } } });
    expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(["zod", "hono", "ws"]));
    expect(read("gatepost.cdx.json")).not.toContain(root);
    for (const name of ["zod", "hono", "ws", "preact"]) expect(read("THIRD-PARTY.md")).toContain(`## ${name} `);
  });

  it("has packages that npm packs again as they are", () => {
    for (const file of readdirSync(out).filter((one) => one.endsWith(".tgz"))) {
      const { status, stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", join(out, file)], {
        encoding: "utf8",
      });
      const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
      expect([status, packed?.filename]).toEqual([0, file]);
      expect(packed?.files.map(({ path }) => path)).toEqual(
        expect.arrayContaining(["LICENSE", "README.md", "package.json"]),
      );
    }
  });
});

it("`npm run release -- --repository` says in each package where it comes from", () => {
  const { status, stderr } = release("--repository", "https://git.example/owner/name");
  expect([status, stderr]).toEqual([0, expect.not.stringContaining("missing")]);
  for (const file of readdirSync(out).filter((one) => one.endsWith(".tgz"))) {
    const { stdout } = spawnSync("tar", ["-xzOf", join(out, file), "package/package.json"], { encoding: "utf8" });
    expect(JSON.parse(stdout)).toMatchObject({
      repository: { type: "git", url: "git+https://git.example/owner/name.git" },
      bugs: { url: "https://git.example/owner/name/issues" },
      homepage: "https://git.example/owner/name#readme",
    });
  }
}, 600_000);
