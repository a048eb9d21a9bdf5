/** The part of JSON Schema that the document is written in. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  items?: Schema | false;
  prefixItems?: Schema[];
  /** Words that are known, of a text that may be another one. */
  "x-extensible-enum"?: string[];
  /** The members of each `kind` of an object, beside those that every kind has. */
  "x-kinds"?: Record<string, string[]>;
  /** Of a list: whether it may be one that cannot be changed. */
  readOnly?: boolean;
}

const plain: Record<string, string> = {
  string: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "null",
};

/**
 * The TypeScript type of a JSON Schema, in one line.
 *
 * @example typeOf({ type: "array", items: { type: "string" } }) // "string[]"
 */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.replace("#/components/schemas/", "");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const words = schema.enum ?? schema["x-extensible-enum"];
  if (words !== undefined) return words.map((value) => JSON.stringify(value)).join(" | ");
  if (schema["x-kinds"] !== undefined) return kindsOf(schema, schema["x-kinds"]);
  const among = schema.anyOf ?? schema.oneOf;
  if (among !== undefined) return [...new Set(among.map(typeOf))].join(" | ");
  if (schema.allOf !== undefined) return schema.allOf.map((one) => `(${typeOf(one)})`).join(" & ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(" | ");
  if (schema.type === "array") return listOf(schema);
  if (schema.type === "object") return objectOf(schema);
  return plain[schema.type ?? ""] ?? "unknown";
}

function kindsOf({ properties = {}, required = [] }: Schema, kinds: Record<string, string[]>): string {
  const ofKind = ([kind, members]: [string, string[]]) => {
    const names = [...required, ...members];
    const own = Object.fromEntries(
      names.map((name) => [name, name === "kind" ? { const: kind } : (properties[name] ?? {})]),
    );
    return objectOf({ properties: own, required: names });
  };
  return Object.entries(kinds).map(ofKind).join(" | ");
}

function listOf({ items, prefixItems, readOnly = false }: Schema): string {
  if (prefixItems !== undefined) return `[${prefixItems.map(typeOf).join(", ")}]`;
  const item = items === undefined || items === false ? "unknown" : typeOf(items);
  const list = /[|&]/.test(item) ? `(${item})[]` : `${item}[]`;
  return readOnly ? `readonly ${list}` : list;
}

function objectOf({ properties, required = [], additionalProperties, propertyNames }: Schema): string {
  if (properties === undefined) {
    const value = typeof additionalProperties === "object" ? typeOf(additionalProperties) : "unknown";
    const names = propertyNames?.enum?.map((name) => `${name}?: ${value}`);
    return names === undefined ? `{ [name: string]: ${value} }` : `{ ${names.join("; ")} }`;
  }
  const members = Object.entries(properties).map(([name, schema]) => {
    const key = /^[\w$]+$/.test(name) ? name : JSON.stringify(name);
    return `${key}${required.includes(name) ? "" : "?"}: ${typeOf(schema)}`;
  });
  return members.length === 0 ? "{}" : `{ ${members.join("; ")} }`;
}
