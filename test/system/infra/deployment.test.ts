import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folderOf, readGraph, repository } from "../../../scripts/synth/graph.ts";
import { linkTypes } from "../../../scripts/synth/link-types.ts";
import { checks } from "./checks/all.ts";
import { type Stages, synthesised, synthTimeoutMs } from "./stages.ts";

describe("the deployment of the stacks", () => {
  let stages: Stages;
  beforeAll(async () => {
    stages = await synthesised();
  }, synthTimeoutMs);

  it.each(Object.keys(checks))("%s", (name) => checks[name]?.(stages));

  it("names no partition of AWS, so that it fits the China regions", () => {
    for (const file of readdirSync(join(repository, "stacks"))) {
      expect(readFileSync(join(repository, "stacks", file), "utf8"), file).not.toMatch(/arn:aws\b|amazonaws\.com\//);
    }
  });

  it.each(["docs/aws.md", "docs/aws.zh-CN.md"])("is drawn with every function in %s", (page) => {
    const [, drawing = ""] = /```text\n(.*?)```/s.exec(readFileSync(join(repository, page), "utf8")) ?? [];
    const names = new Set(drawing.match(/\b[a-z]+(?:-[a-z]+)*\b/g));
    const files = readdirSync(join(repository, "functions")).map((file) => file.replace(/\.ts$/, ""));
    expect(files.filter((file) => !names.has(file))).toEqual([]);
  });

  it("has the links that sst-env.d.ts declares", () => {
    const declared = readFileSync(join(repository, "sst-env.d.ts"), "utf8");
    expect(declared).toBe(linkTypes(readGraph(folderOf("test"))));
  });
});
