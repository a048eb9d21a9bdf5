import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { root } from "./sources.ts";

/** Runs parts in a process, as `npm test` does. A part is the body of its function. */
function sideBySide(parts: Record<string, string>, concurrency: number) {
  const listed = Object.entries(parts).map(
    ([name, body]) => `{ name: "${name}", command: "run ${name}", run: async () => { ${body} } }`,
  );
  const script = `
    import { sideBySide } from "${pathToFileURL(`${root}scripts/side-by-side.ts`).href}";
    await sideBySide([${listed.join(", ")}], ${concurrency});`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
}

const passing = 'return { hasPassed: true, printed: "" };';
const failing = 'return { hasPassed: false, printed: "", failures: ["a > is red"] };';

it("a failing part does not stop the others, and is listed at the end", () => {
  const { stdout, status } = sideBySide({ unit: failing, types: 'throw new Error("no tsc");', system: passing }, 1);
  expect(stdout).toBe(`FAILED unit: run unit
FAILED types: run types
Error: no tsc
passed system: run system

FAILED unit: run unit
  a > is red
FAILED types: run types
`);
  expect(status).toBe(1);
});

it("parts that all pass end with 0", () => {
  const { stdout, status } = sideBySide({ unit: passing, system: passing }, 2);
  expect(stdout).toBe("passed unit: run unit\npassed system: run system\n");
  expect(status).toBe(0);
});
