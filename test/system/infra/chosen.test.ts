import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { chosenChecks, synthChosen } from "./chosen.ts";
import { copyOfStacks, type Graph, synthTimeoutMs } from "./stages.ts";

describe("a deployment with settings that are off by default", () => {
  let graph: Graph;
  beforeAll(async () => {
    const root = await mkdtemp(join(tmpdir(), "gatepost-chosen-"));
    try {
      await copyOfStacks(root);
      graph = await synthChosen(root);
    } finally {
      await rm(root, { recursive: true });
    }
  }, synthTimeoutMs);

  it.each(Object.entries(chosenChecks))("%s", (_, check) => {
    expect.hasAssertions();
    check(graph);
  });
});
