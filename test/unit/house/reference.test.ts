import { expect, it } from "vitest";
import { chinese, english, referencePage } from "../../../scripts/reference/page.ts";
import { variables } from "../../../scripts/reference/tables.ts";
import { filesOf, textOf } from "./sources.ts";

it.each([
  ["docs/reference.md", english],
  ["docs/reference.zh-CN.md", chinese],
] as const)("%s is as `npm run reference` writes it", async (path, words) => {
  const [written] = textOf(path).split("\n<!-- Written from");
  expect(written).toBe(await referencePage(words));
});

it("the reference lists every environment variable of the program and the deployment", () => {
  const sources = filesOf("packages/*/src/**/*.{ts,mjs}", "stacks/*.ts", "sst.config.ts", "install/**/*.*");
  const read = sources.flatMap((path) => textOf(path).match(/\bGATEPOST_[A-Z_]*[A-Z]\b/g) ?? []);
  const listed = variables.flatMap(([names]) => names.match(/GATEPOST_[A-Z_]+/g) ?? []);
  expect([...new Set(listed)].toSorted()).toEqual([...new Set(read)].toSorted());
});
