import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, textOf } from "./sources.ts";

/** The numbers of the README are of this platform; another one gets other optional packages. */
const isMeasured = process.platform === "linux" && process.arch === "x64";

/** Packages that `npm ci` added, as it counts them: links to the packages of the workspace, too. */
function packages(): number {
  const installed: { packages: Record<string, { link?: true }> } = JSON.parse(
    textOf("node_modules/.package-lock.json"),
  );
  return Object.values(installed.packages).filter(({ link }) => link !== true).length;
}

/** MB of `node_modules` on the disk, without what tests and builds keep there. */
function megabytes(): number {
  const kept = ["--exclude=.cache", "--exclude=.vite*"];
  return Number(
    spawnSync("du", ["-sm", ...kept, join(root, "node_modules")], { encoding: "utf8" }).stdout.split("\t")[0],
  );
}

const readmes = [
  ["README.md", /brings (\d+) packages[^.]*: (\d+) MB on the disk/],
  ["README.zh-CN.md", /会装 (\d+) 个包[^。]*：占磁盘约 (\d+) MB/],
] as const;

it.skipIf(!isMeasured).each(readmes)("%s says how many packages and MB `npm ci` brings", (page, sentence) => {
  const [, count, size] = sentence.exec(textOf(page)) ?? [];
  expect(Number(count)).toBe(packages());
  expect(Math.abs(Number(size) - megabytes())).toBeLessThan(0.05 * megabytes());
});
