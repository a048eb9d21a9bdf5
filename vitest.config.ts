import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["packages/protocol/src/**", "packages/ingest/src/**"],
      reporter: ["text-summary", "text"],
      thresholds: { lines: 100, branches: 100 },
    },
  },
});
