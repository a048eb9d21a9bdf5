import { compile } from "@gatepost/event-pattern";
import { expect, it } from "vitest";
import { readRules } from "../../../../packages/embedded/src/bus/rules.ts";
import { blocks, schemaPath } from "./document.ts";
import { entrySchema } from "./entry-schema.ts";

it("has the JSON Schema of the entries as they are beside it", async () => {
  await expect(`${entrySchema()}\n`).toMatchFileSnapshot(schemaPath);
});

it("has examples of rules and patterns that can be used", () => {
  const [rules = "", patterns = ""] = blocks("json");
  expect(readRules(rules)).toMatchObject({ faults: [] });
  expect(JSON.parse(patterns).map(compile)).toHaveLength(4);
});
