import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** ms that a test waits for something on a busy machine, at the least. */
const leastPatience = 30_000;

const tests = globSync("test/{unit,runtime,contract,system}/**/*.ts")
  .filter((file) => !file.endsWith("patience.test.ts"))
  .map((file) => ({ file, source: readFileSync(file, "utf8") }));

it("no test relies on vitest's default wait of a second: `expect.poll` has a longer one here", () => {
  const hasty = tests.filter(({ source }) =>
    [...source.matchAll(/vi\.wait(?:For|Until)\((.*)/g)].some(([, rest = ""]) => !rest.includes("timeout: ")),
  );
  expect(hasty.map(({ file }) => file)).toEqual([]);
});

it("no test gives a wait less time than a busy machine takes", () => {
  const limits = tests.flatMap(({ file, source }) =>
    [...source.matchAll(/\.poll\([^;]*?timeout: (\d[\d_]*)/g)].map(([, ms = ""]) => ({
      file,
      ms: Number(ms.replaceAll("_", "")),
    })),
  );
  expect(limits.filter(({ ms }) => ms < leastPatience)).toEqual([]);
});
