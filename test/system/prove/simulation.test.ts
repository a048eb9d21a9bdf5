import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Case, ReportSpec, Step } from "../../../prove/simulation/case/case.ts";
import { boxes } from "../../../prove/simulation/case/keys.ts";
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

const box = boxes[0] ?? "";

function reportOf(changes: Partial<ReportSpec>): ReportSpec {
  return {
    passing: 0,
    box,
    kind: "history",
    isStranger: false,
    person: "7",
    face: 0,
    extras: [],
    want: "1002",
    pictures: ["registered", "scene"],
    isFit: true,
    isBroken: false,
    name: "who",
    ...changes,
  };
}

/** Calls of a report at most: its key, its erasures, its pictures, its event, its announcement. */
const maxCalls = 14;

/**
 * An event of a real-time report, a history report and a second face, each of which may be the one that ends its process
 * at any of its calls. Then its box sends it again, and the person is erased, or not.
 */
function killed(): Case[] {
  const reports = [reportOf({ kind: "realtime", pictures: ["scene"] }), reportOf({}), reportOf({ face: 1 })];
  const ends = reports.flatMap((_, nth) =>
    Array.from({ length: maxCalls }, (__, calls) =>
      [false, true].map((isAfter) => ({ nth, calls: calls + 1, isAfter })),
    ).flat(),
  );
  return ends.map(({ nth, calls, isAfter }, seed) => {
    const posts = reports.map(
      (report, n): Step => ({ do: "post", at: 1000 + n * 8000, box, reports: [report], to: 0 }),
    );
    const erase: Step[] = seed % 3 === 0 ? [] : [{ do: "erase-person", at: 40_000, person: "7", box: null }];
    return {
      seed,
      start: Date.UTC(2026, 10, 20, 12),
      skewMs: 0,
      lagMs: 1000,
      announcesEvents: seed % 2 === 0,
      steps: [...posts, ...erase],
      troubles: [{ kind: "crash", from: 900 + nth * 8000, slot: "ingest-0", calls, isAfter }],
    };
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

  it("finds nothing if a process ends before or after any call of a report", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gatepost-killed-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const files = killed().map(async (one, n) => {
      const file = join(folder, `${n}.json`);
      await writeFile(file, JSON.stringify(one));
      return file;
    });
    const { status, stdout } = simulate(...(await Promise.all(files)).flatMap((file) => ["--case", file]));
    expect(stdout.match(/^all holds$/gm)).toHaveLength(files.length);
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
