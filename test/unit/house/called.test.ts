import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./sources.ts";

const call = (script: string, ...args: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, script), ...args], { encoding: "utf8" });
  return { status, stderr };
};

it("npm run check names its checks if it gets an unknown name", () => {
  expect(call("scripts/check/main.ts", "types", "lint")).toEqual({
    status: 2,
    stderr: "unknown name 'lint': known are types, format, unused, stacks, console\n",
  });
});

it.each([
  ["scripts/pack/main.ts", ["--output", "x"], "Unknown option '--output': known are --out …, --repository …\n"],
  ["scripts/client-types/main.ts", ["x"], "unknown name 'x': this script takes no names\n"],
  ["test/system/soak/run.ts", ["--against", "x"], "unknown name 'x': known are embedded, rehearsal\n"],
])("%s names its options and values", (script, args, stderr) => {
  expect(call(script, ...args)).toEqual({ status: 2, stderr });
});
