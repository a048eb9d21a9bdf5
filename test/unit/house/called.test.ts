import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./sources.ts";

const call = (script: string, ...args: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, script), ...args], { encoding: "utf8" });
  return { status, stderr };
};

const numbers = "must be a number from 0\n";
const repository = "--repository https://HOST/OWNER/NAME, where the packages say that they come from\n";

it("npm run check names its checks if it gets an unknown name", () => {
  expect(call("scripts/check/main.ts", "types", "lint")).toEqual({
    status: 2,
    stderr: "unknown name 'lint': known are types, format, unused, stacks, console\n",
  });
});

it.each([
  ["scripts/pack/main.ts", ["--output", "x"], "Unknown option '--output': known are --out …, --repository …\n"],
  ["scripts/client-types/main.ts", ["x"], "unknown name 'x': this script takes no names\n"],
  ["scripts/pack/main.ts", ["--repository", "x"], `x is not as in ${repository}`],
  ["scripts/screenshots/main.ts", ["--language", "x"], "unknown name 'x': known are en, zh\n"],
  ["scripts/screenshots/main.ts", ["--theme", "x"], "unknown name 'x': known are light, dark\n"],
  ["scripts/screenshots/main.ts", ["--width", "x"], "--width x: must be a whole number from 1\n"],
  ["scripts/stable/main.ts", ["x"], "Unexpected argument 'x': known are --commands\n"],
  [
    "scripts/synth/main.ts",
    ["--stage", "x"],
    "stages.json has no stage x: known are production, test, dev, pr-…, and the stages in it\n",
  ],
  [
    "scripts/synth/main.ts",
    ["--out", join(root, "docs")],
    `${join(root, "docs")} contains other files than those of a synth: name a new folder with --out FOLDER\n`,
  ],
  ["packages/console/build.mjs", ["x"], "unknown name 'x': this script takes no names\n"],
  ["prove/run.ts", ["--hours", "x"], `--hours x: ${numbers}`],
  ["prove/run.ts", ["--states", "0.5"], "--states 0.5: must be a whole number from 1\n"],
  ["prove/simulation/run.ts", ["--seconds=-1"], `--seconds -1: ${numbers}`],
  ["test/system/rehearsal/main.ts", ["x"], expect.stringMatching(/^Unexpected argument 'x': known are --stage …, /)],
  ["test/system/rehearsal/main.ts", ["--port", "x"], "--port x: must be a whole number from 0\n"],
  ["test/system/soak/run.ts", ["--against", "x"], "unknown name 'x': known are embedded, rehearsal\n"],
  ["test/system/soak/run.ts", ["--minutes", ""], `--minutes : ${numbers}`],
])("%s names its options and values", (script, args, stderr) => {
  expect(call(script, ...args)).toEqual({ status: 2, stderr });
});
