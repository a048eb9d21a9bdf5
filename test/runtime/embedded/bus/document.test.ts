import { compile } from "@gatepost/event-pattern";
import { expect, it } from "vitest";
import { readRules } from "../../../../packages/embedded/src/bus/rules.ts";
import { blocks, schemaPath } from "./document.ts";
import { entrySchema } from "./entry-schema.ts";

it("the bus document has the same JSON Schema as the file beside it", async () => {
  await expect(`${entrySchema()}\n`).toMatchFileSnapshot(schemaPath);
});

it("the bus document has valid examples of rules and patterns", () => {
  const [rules = "", patterns = ""] = blocks("json");
  expect(readRules(rules)).toMatchObject({ faults: [] });
  expect(JSON.parse(patterns).map(compile)).toHaveLength(4);
});
