import { isObject } from "@gatepost/protocol";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import * as z from "zod";
import { apiDocument, documented } from "../../../packages/api/src/api.ts";
import { pathOf } from "../../../packages/api/src/openapi/document.ts";
import type { JsonSchema } from "../../../packages/api/src/openapi/named.ts";
import { asPerson, documentOf, requestOf, withExamples } from "./support.ts";

const document = await documentOf(await withExamples());
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ ...document, $id: "document" });

const { paths } = apiDocument();
// A body in another form than the document's is for the programs of one version alone.
const withBody = documented.flatMap((route) => {
  if (route.about.body !== undefined) return [];
  const operation = paths[pathOf(route)]?.[route.method.toLowerCase()];
  const schema = operation?.requestBody?.content?.["application/json"]?.schema;
  return operation === undefined || schema === undefined
    ? []
    : [{ route, operation, schema, id: operation.operationId }];
});

/** Whether each object of a schema excludes other members, by its place. */
function closedness(schema: JsonSchema, named: Record<string, JsonSchema>, at = "", refs: string[] = []): string[] {
  const { $ref, properties, items, additionalProperties: others } = schema;
  const name = $ref?.split("/").at(-1);
  if (name !== undefined) return refs.includes(name) ? [] : closedness(named[name] ?? {}, named, at, [...refs, name]);
  const below = (part: unknown, place: string) =>
    isObject(part) ? closedness(part as JsonSchema, named, `${at}${place}`, refs) : [];
  const own = properties === undefined ? [] : [`${at}: ${others === false ? "closed" : "open"}`];
  const branches = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((parts) => parts ?? []);
  return [
    ...own,
    ...Object.entries(properties ?? {}).flatMap(([member, part]) => below(part, `.${member}`)),
    ...branches.flatMap((part, number) => below(part, `|${number}`)),
    ...below(items, "[]"),
    ...below(others, ".*"),
  ];
}

it("the document closes the objects that a route reads, and no other ones", () => {
  expect(withBody.length).toBeGreaterThan(50);
  let closed = 0;
  for (const { route, schema, id } of withBody) {
    const { $defs = {}, ...read } = z.toJSONSchema(route.asks.body, {
      io: "input",
      unrepresentable: "any",
    });
    const wanted = closedness(read, $defs as Record<string, JsonSchema>);
    expect([id, closedness(schema, apiDocument().components.schemas)]).toEqual([id, wanted]);
    closed += wanted.filter((line) => line.endsWith("closed")).length;
  }
  expect(closed).toBeGreaterThan(100);
});

/** A body with an unknown member in each of its objects in turn. */
function* withUnknown(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) for (const other of withUnknown(one)) yield value.with(at, other);
    return;
  }
  if (!isObject(value)) return;
  yield { ...value, unknownMember: 1 };
  for (const [name, one] of Object.entries(value))
    for (const other of withUnknown(one)) yield { ...value, [name]: other };
}

it.each(withBody)(
  "$id refuses an unknown member exactly where the document says so",
  async ({ route, operation, schema }) => {
    const isValid = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')));
    const { address, ...sent } = requestOf(pathOf(route), operation);
    const example = operation.requestBody?.content?.["application/json"]?.example;
    for (const body of withUnknown(example)) {
      const deps = await withExamples();
      const headers = { host: "gate.example.com", ...sent.headers, ...asPerson(operation) };
      const answer = await deps.ask(address, { method: route.method, headers, body: JSON.stringify(body) });
      expect([JSON.stringify(body), answer.status === 400], await answer.text()).toEqual([
        JSON.stringify(body),
        !isValid(body),
      ]);
    }
  },
);

it.each([
  ["AlarmSettingsWritten", { tellAfterMinutes: 5, more: 1 }],
  ["QuietHoursWritten", { from: "22:00", to: "06:00", more: 1 }],
  ["RuleWritten", { target: { url: "" }, maxAgeSeconds: 0 }],
  ["RuleWritten", { target: { url: "" }, maxAgeSeconds: 2_678_401 }],
  ["RuleWritten", { target: { url: "", cooldownSeconds: 86_401 } }],
  ["ActionReport", { state: "done", note: "x".repeat(1025) }],
  ["DecisionRequest", { kind: "decide", do: "done", actions: ["evt_1"] }],
])("the document excludes %s beyond its limits: %j", (name, body) => {
  expect(ajv.getSchema(`document#/components/schemas/${name}`)?.(body)).toBe(false);
});
