import { compile } from "@gatepost/event-pattern";
import { expect, it } from "vitest";
import { readRules } from "../../../../packages/embedded/src/bus/rules.ts";
import { blocks, document, path } from "./document.ts";
import { entrySchema } from "./entry-schema.ts";

it("holds the JSON Schema of the entries as they are", async () => {
  const schema = `<!-- schema -->\n\`\`\`json\n${entrySchema()}\n\`\`\`\n<!-- end of schema -->`;
  await expect(document.replace(/<!-- schema -->[\s\S]*<!-- end of schema -->/, () => schema)).toMatchFileSnapshot(
    path,
  );
});

it("has examples of rules and patterns that can be used", () => {
  const [rules = "", patterns = ""] = blocks("json");
  expect(readRules(rules)).toMatchObject({ faults: [] });
  expect(JSON.parse(patterns).map(compile)).toHaveLength(4);
});
