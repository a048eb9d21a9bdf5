/** What a list of names and types reads of a JSON schema. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  "x-extensible-enum"?: unknown[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

const limits = ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"] as const;

interface Media {
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  operationId: string;
  security?: object[];
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: Media & { required?: boolean };
  responses: Record<string, Media>;
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** The names of values of JSON, as `string` or `null`. */
function typesOf(schema: Schema): string[] {
  const { $ref, type, const: value, enum: values, anyOf, oneOf, allOf } = schema;
  if ($ref !== undefined) return [$ref.split("/").at(-1) ?? ""];
  const parts = [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])];
  if (parts.length > 0) return parts.flatMap(typesOf);
  if (type !== undefined) return [type].flat();
  const known = "const" in schema ? [value] : (values ?? []);
  return known.length === 0 ? ["any"] : known.map(typeOf);
}

/** Further lines of a schema: its words, as `Dialect words: ["hikvision"]`, and its limits, as `Note limits: {"maxLength":9}`. */
function boundsOf(schema: Schema, at: string): string[] {
  const { const: only, enum: words = schema["x-extensible-enum"] ?? (only === undefined ? [] : [only]) } = schema;
  const own = Object.fromEntries(limits.flatMap((name) => (schema[name] === undefined ? [] : [[name, schema[name]]])));
  return [
    ...(words.length === 0 ? [] : [`${at} words: ${JSON.stringify(words)}`]),
    ...(Object.keys(own).length === 0 ? [] : [`${at} limits: ${JSON.stringify(own)}`]),
  ];
}

const typeOf = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** A line for each name in a schema, with its types: `Event.person.id: string`, and `Box.note?: string` if it may lack. */
function linesOf(schema: Schema, at: string): string[] {
  const { anyOf, oneOf, allOf, properties = {}, required = [], items, additionalProperties } = schema;
  const below = [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])].flatMap((part) => linesOf(part, at).slice(1));
  const members = Object.entries(properties).flatMap(([name, member]) =>
    linesOf(member, `${at}.${name}${required.includes(name) ? "" : "?"}`),
  );
  const elements = items === undefined ? [] : linesOf(items, `${at}[]`);
  const others = typeof additionalProperties === "object" ? linesOf(additionalProperties, `${at}.*`) : [];
  const whole = `${at}: ${[...new Set(typesOf(schema))].sort().join("|")}`;
  return [whole, ...boundsOf(schema, at), ...below, ...members, ...elements, ...others];
}

function linesOfMedia({ content = {} }: Media, at: string): string[] {
  return Object.entries(content).flatMap(([type, { schema = {} }]) => linesOf(schema, `${at} ${type}`));
}

/** The schemas that parts of a document refer to. */
export function namedIn(parts: unknown, { components }: Document, found = new Set<string>()): Set<string> {
  for (const [, name = ""] of JSON.stringify(parts).matchAll(/"#\/components\/schemas\/(\w+)"/g))
    if (!found.has(name)) namedIn(components.schemas[name] ?? null, { components, paths: {} }, found.add(name));
  return found;
}

/** The schemas that programs send, and those that they read. */
export function directionsOf(document: Document): { sent: Set<string>; read: Set<string> } {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  return {
    sent: namedIn(
      operations.map(({ parameters, requestBody }) => [parameters ?? [], requestBody ?? null]),
      document,
    ),
    read: namedIn(
      operations.map(({ responses }) => responses),
      document,
    ),
  };
}

/** All names of the API's document, with their types: of its schemas, and of what each operation takes and answers. */
export function namesOfApi(document: Document): string[] {
  const { paths, components } = document;
  const { sent } = directionsOf(document);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(
      ([method, { operationId, security, parameters = [], requestBody = {}, responses }]) => {
        const at = `${method.toUpperCase()} ${path}`;
        return [
          `${at} is ${operationId}`,
          ...(security?.length === 0 ? [`${at} needs no key`] : []),
          ...parameters.flatMap((one) =>
            linesOf(one.schema, `${at} in ${one.in} ${one.name}${one.required ? "" : "?"}`),
          ),
          ...linesOfMedia(requestBody, `${at} takes${requestBody.required === false ? "?" : ""}`),
          // Every refusal is a Problem.
          ...Object.entries(responses)
            .filter(([status]) => Number(status) < 400)
            .flatMap(([status, answer]) => [
              `${at} answers ${status}`,
              ...linesOfMedia(answer, `${at} answers ${status}`),
            ]),
        ];
      },
    ),
  );
  const schemas = Object.entries(components.schemas).flatMap(([name, schema]) =>
    linesOf(schema, name).filter((line) => sent.has(name) || !line.includes(" limits: ")),
  );
  return sorted([...operations, ...schemas]);
}

/** All names of the entries of the bus with their types, by `detail-type`. */
export function namesOfBus({ anyOf = [], $defs = {} }: Schema & { $defs?: Record<string, Schema> }): string[] {
  const entries = anyOf.flatMap((entry) => linesOf(entry, `${entry.properties?.["detail-type"]?.const}`));
  const named = Object.entries($defs).flatMap(([name, schema]) => linesOf(schema, `of an entry: ${name}`));
  return sorted([...entries, ...named].filter((line) => !line.includes(" limits: ")));
}

const sorted = (lines: readonly string[]) => [...new Set(lines)].sort();
