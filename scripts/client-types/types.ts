import { apiDocument } from "@gatepost/api";
import { type Schema, typeOf } from "./type-of.ts";

interface Operation {
  parameters: { name: string; in: string; required: boolean; schema: unknown }[];
  requestBody?: { required: boolean; content?: Record<string, { schema: unknown }> };
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
}

/** The text of `packages/client/src/schema.ts`: a type for each operation of the API, and each named schema. */
export function clientTypes(): string {
  const { paths, components } = apiDocument();
  const all = Object.values(paths).flatMap((methods) => Object.values(methods));
  const read = new Set<string>();
  const follow = (json: unknown) => {
    for (const [, name = ""] of JSON.stringify(json).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (read.has(name)) continue;
      read.add(name);
      follow(components.schemas[name]);
    }
  };
  follow(all.map(({ responses }) => responses));
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `export type ${name} = ${typeOf((read.has(name) ? schema : withFixedLists(schema)) as Schema)};`,
  );
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => `  ${operationOf(method, path, operation as Operation)}`),
  );
  return [
    "// Made of the OpenAPI document by `npm run types`. A test compares them.",
    ...schemas,
    "",
    "export interface Operations {",
    ...operations,
    "}",
    "",
  ].join("\n");
}

function operationOf(method: string, path: string, { parameters, requestBody, responses }: Operation): string {
  const query = parameters.filter((parameter) => parameter.in === "query");
  const asked = typeOf({
    type: "object",
    properties: Object.fromEntries(query.map(({ name, schema }) => [name, oneOrMore(schema as Schema)])),
    required: query.filter(({ required }) => required).map(({ name }) => name),
  });
  const mayBeLeftOut = requestBody?.required === false ? " | undefined" : "";
  const body = `${jsonOf(withFixedLists(requestBody?.content)) ?? "undefined"}${mayBeLeftOut}`;
  const successes = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const answers = new Set(successes.map(([, { content }]) => jsonOf(content) ?? "undefined"));
  const name = JSON.stringify(`${method.toUpperCase()} ${path}`);
  return `${name}: { query: ${asked}; body: ${body}; answer: ${[...answers].join(" | ") || "undefined"} };`;
}

/** A parameter that may be given several times takes one value, too. */
function oneOrMore(schema: Schema): Schema {
  return schema.type === "array" && schema.items ? { anyOf: [schema.items, { ...schema, readOnly: true }] } : schema;
}

/** Lists that are sent may be ones that cannot be changed. */
function withFixedLists<Content>(content: Content): Content {
  if (content === undefined) return content;
  return JSON.parse(JSON.stringify(content), (_, value) =>
    value?.type === "array" ? { ...value, readOnly: true } : value,
  );
}

function jsonOf(content: Record<string, { schema: unknown }> | undefined): string | null {
  const schema = content?.["application/json"]?.schema;
  return schema === undefined ? null : typeOf(schema as Schema);
}
