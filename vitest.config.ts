import { defineConfig } from "vitest/config";

const results = process.env["GATEPOST_TEST_RESULTS"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
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
