import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { MigrationProgress } from "../../../packages/cli/src/imports/progress.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gatepost-progress-"));
  onTestFinished(() => rm(folder, { recursive: true }));
});

it("a migration resumes after an interruption, and only to the same Gatepost", () => {
  {
    using begun = new MigrationProgress(folder, "https://one.example");
    expect(begun.revision).toBe(0);
    begun.begin();
    begun.note([{ id: "evt_a", names: ["a"], since: 4 }], 3);
    begun.note([{ id: "evt_a", names: ["a", "b"], since: 5 }], 7);
    begun.note([{ id: "evt_b", names: [], since: 6 }], 9);
    begun.noteRecord("qrt_a");
    begun.forget("evt_b");
  }
  expect(() => new MigrationProgress(folder, "https://other.example")).toThrow("goes to https://one.example");
  using next = new MigrationProgress(folder, "https://one.example");
  next.begin();
  expect([next.revision, [...next.went()]]).toEqual([9, [{ id: "evt_a", names: ["a", "b"], since: 5 }]]);
  expect([next.hasRecord("qrt_a"), next.hasRecord("qrt_b")]).toEqual([true, false]);
});

it("an address that took nothing does not block another one", () => {
  new MigrationProgress(folder, "https://mistyped.example")[Symbol.dispose]();
  using next = new MigrationProgress(folder, "https://one.example");
  expect(next.revision).toBe(0);
});
