import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
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

it("`npm run release` without `--dry-run` makes nothing, and reports that publishing is not set up", () => {
  const { status, stderr } = release();
  expect([status, stderr]).toEqual([1, expect.stringContaining("publishing is not set up")]);
  expect(existsSync(out)).toBe(false);
});

describe("`npm run release -- --dry-run`", () => {
  let printed: string[];
  beforeAll(() => {
    const { status, stdout, stderr } = release("--dry-run");
    expect([status, stderr]).toEqual([0, expect.any(String)]);
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
});
