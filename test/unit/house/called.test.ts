import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./sources.ts";

const call = (script: string, ...args: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, script), ...args], { encoding: "utf8" });
  return { status, stderr };
};

it("npm run check says which checks there are, if one is named that is none", () => {
  expect(call("scripts/check/main.ts", "types", "lint")).toEqual({
    status: 2,
    stderr: "lint is not known: there is types, format, unused, stacks, console\n",
  });
});

it.each([
  ["scripts/pack/main.ts", ["--output", "x"], "Unknown option '--output': there is --out …, --repository …\n"],
  ["scripts/client-types/main.ts", ["x"], "x is not known: there is nothing to name\n"],
  ["test/system/soak/run.ts", ["--against", "x"], "x is not known: there is embedded, rehearsal\n"],
])("%s says what it can be called with", (script, args, stderr) => {
  expect(call(script, ...args)).toEqual({ status: 2, stderr });
});
