import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { behaviour } from "../../../bench/behaviour.ts";

const page = readFileSync(new URL("../../../docs/comparison.md", import.meta.url), "utf8");

/** The cells of the page's row that begins with this. */
function documented(what: string): string[] {
  const row = page.split("\n").find((line) => line.startsWith(`| ${what} |`)) ?? "";
  return row
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim());
}

it("Gatepost and a simple receiver handle reports as docs/comparison.md says", async () => {
  const [, ...cases] = await behaviour(false);
  expect(cases.length).toBeGreaterThan(8);
  // The demonstration, the first column, needs PyPI: `node bench/behaviour.ts` has it.
  expect(cases.map(([what]) => [what, documented(what).slice(1)])).toEqual(cases);
});
