import { expect, it } from "vitest";
import { type Schema, typeOf } from "../../../scripts/client-types/type-of.ts";
import { clientTypes } from "../../../scripts/client-types/types.ts";
import { textOf } from "../house/sources.ts";

it("the client's types match the OpenAPI document; `npm run types` renews them", () => {
  expect(textOf("packages/client/src/schema.ts")).toBe(clientTypes());
});

it.each<[Schema, string]>([
  [{ type: "string" }, "string"],
  [{ type: ["integer", "null"] }, "number | null"],
  [{ enum: ["a", 1] }, '"a" | 1'],
  [{ anyOf: [{ type: "string" }, { type: "string" }, { type: "null" }] }, "string | null"],
  [{ type: "array", items: { enum: ["a", "b"] } }, '("a" | "b")[]'],
  [{ type: "array", prefixItems: [{ type: "string" }, { type: "number" }] }, "[string, number]"],
  [{ type: "object", additionalProperties: { type: "number" } }, "{ [name: string]: number }"],
  [{ type: "object", properties: { "a-b": {}, c: { const: true } }, required: ["c"] }, '{ "a-b"?: unknown; c: true }'],
  [{ type: "object", propertyNames: { enum: ["a", "b"] }, additionalProperties: {} }, "{ a?: unknown; b?: unknown }"],
  [{ type: "object", properties: {} }, "{}"],
  [{ $ref: "#/components/schemas/Event" }, "Event"],
  [{ allOf: [{ type: "string" }, {}] }, "(string) & (unknown)"],
])("%j is %s", (schema, type) => {
  expect(typeOf(schema)).toBe(type);
});
