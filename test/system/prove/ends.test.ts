import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

describe("servers that end while their subscriber fails", () => {
  it("keep what they promised", () => {
    const args = ["prove/run.ts", "--only", "ends", "--seed", "5", "--states", "12"];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stdout).toMatch(
      /^12 runs of a server that ended [1-9]\d* times, with [1-9]\d* tries to deliver: 0 findings$/m,
    );
    expect(status).toBe(0);
  });
});
