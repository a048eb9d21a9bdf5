import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const results = process.env["GATEPOST_TEST_RESULTS"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Most tests wait for a process or a disk of their own: one more than the cores keeps them busy.
    maxWorkers: Math.max(3, availableParallelism()),
    reporters: results === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: results ?? "" },
    coverage: {
      provider: "v8",
      include: ["packages/protocol/src/**", "packages/ingest/src/**"],
      reporter: ["text-summary", ["text", { skipFull: true }]],
      thresholds: { lines: 100, branches: 100 },
    },
  },
});
