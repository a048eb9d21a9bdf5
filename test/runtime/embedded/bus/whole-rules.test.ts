import fs, { readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { RulesEditor } from "../../../../packages/embedded/src/bus/rules-editor.ts";
import { noon } from "../../../support/reports.ts";

it("a rule is written completely, though the disk takes only parts of it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-rules-"));
  const { writeSync } = fs;
  vi.spyOn(fs, "writeSync").mockImplementationOnce((file, text) => writeSync(file, String(text).slice(0, 10)));
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "rules.json");
  const editor = new RulesEditor(file, { allowPrivateTargets: true, announceEvents: true, clock: () => noon });
  const wish = { pattern: { source: ["gatepost"] }, target: { url: "https://one.example/hook" }, by: "key_1" };
  expect(editor.put("one", wish, editor.read().version)).toBe("written");
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject([{ name: "one" }]);
});
