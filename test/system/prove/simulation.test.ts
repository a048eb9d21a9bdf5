import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { isLong } from "../../support/seeded.ts";

/** Half of a run is compiling: that is kept from one to the next. */
const env = { ...process.env, NODE_COMPILE_CACHE: "node_modules/.cache/gatepost" };

const schedules = isLong ? "100" : "2";

function simulate(...args: string[]) {
  return spawnSync(process.execPath, ["prove/simulation/run.ts", ...args], {
    encoding: "utf8",
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
}

describe("the simulation", () => {
  it("does the same with the same seed, to the byte, and something else with another", () => {
    const digestOf = (seed: string) =>
      /^digest (\w{64})$/m.exec(simulate("--seed", seed, "--schedules", schedules).stdout)?.[1];
    const digest = digestOf("3");
    expect(digest).toBeDefined();
    expect(digestOf("3")).toBe(digest);
    expect(digestOf("4")).not.toBe(digest);
  });

  it("prints every step of one schedule, and its result", () => {
    const { status, stdout } = simulate("--schedule", "5");
    expect(stdout).toMatch(/ step \{"do":"/);
    expect(stdout).toMatch(/ingest-\d\.\d+ UpdateItem: ok/);
    expect(stdout).toMatch(/\nall holds\n$/);
    expect(status).toBe(0);
  });

  describe("finds nothing any more", () => {
    const found = globSync("prove/simulation/found/*.json").sort();
    let told: ReturnType<typeof simulate>;
    beforeAll(() => {
      told = simulate(...found.flatMap((file) => ["--case", file]));
    });

    it.each(found)("for %s", (file) => {
      const own = told.stdout.split(/^case /m).find((one) => one.startsWith(`${file}\n`));
      expect(own).toMatch(/\nall holds\n$/);
    });

    it("at all", () => {
      expect(told.status).toBe(0);
    });
  });
});
